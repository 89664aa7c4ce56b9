/**
 * The 1,000 classes of ILSVRC-2012 in the order of nearly all published weights, that of sorted synsets; a line each: WordNet synset,
 * ILSVRC2012_ID of the development kit (from 1; the authors' Caffe files order their outputs by it), WordNet names.
 *
 * Loaded when a label is printed, so that a network without labels stays free of 40 kB.
 */
export const imagenetClasses = `
n01440764	449	tench, Tinca tinca
n01443537	450	goldfish, Carassius auratus
n01484850	442	great white shark, white shark, man-eater, man-eating shark, Carcharodon carcharias
n01491361	443	tiger shark, Galeocerdo cuvieri
n01494475	444	hammerhead, hammerhead shark
n01496331	445	electric ray, crampfish, numbfish, torpedo
n01498041	446	stingray
n01514668	383	cock
n01514859	384	hen
n01518878	385	ostrich, Struthio camelus
n01530575	386	brambling, Fringilla montifringilla
n01531178	387	goldfinch, Carduelis carduelis
n01532829	388	house finch, linnet, Carpodacus mexicanus
n01534433	389	junco, snowbird
n01537544	390	indigo bunting, indigo finch, indigo bird, Passerina cyanea
n01558993	391	robin, American robin, Turdus migratorius
n01560419	392	bulbul
n01580077	393	jay
n01582220	394	magpie
n01592084	395	chickadee
n01601694	396	water ouzel, dipper
n01608432	397	kite
n01614925	398	bald eagle, American eagle, Haliaeetus leucocephalus
n01616318	399	vulture
n01622779	400	great grey owl, great gray owl, Strix nebulosa
n01629819	494	European fire salamander, Salamandra salamandra
n01630670	495	common newt, Triturus vulgaris
n01631663	496	eft
n01632458	497	spotted salamander, Ambystoma maculatum
n01632777	498	axolotl, mud puppy, Ambystoma mexicanum
n01641577	499	bullfrog, Rana catesbeiana
n01644373	500	tree frog, tree-frog
n01644900	501	tailed frog, bell toad, ribbed toad, tailed toad, Ascaphus trui
n01664065	458	loggerhead, loggerhead turtle, Caretta caretta
n01665541	459	leatherback turtle, leatherback, leathery turtle, Dermochelys coriacea
n01667114	460	mud turtle
n01667778	461	terrapin
n01669191	462	box turtle, box tortoise
n01675722	463	banded gecko
n01677366	464	common iguana, iguana, Iguana iguana
n01682714	465	American chameleon, anole, Anolis carolinensis
n01685808	466	whiptail, whiptail lizard
n01687978	467	agama
n01688243	468	frilled lizard, Chlamydosaurus kingi
n01689811	469	alligator lizard
n01692333	470	Gila monster, Heloderma suspectum
n01693334	471	green lizard, Lacerta viridis
n01694178	472	African chameleon, Chamaeleo chamaeleon
n01695060	473	Komodo dragon, Komodo lizard, dragon lizard, giant lizard, Varanus komodoensis
n01697457	475	African crocodile, Nile crocodile, Crocodylus niloticus
n01698640	476	American alligator, Alligator mississipiensis
n01704323	474	triceratops
n01728572	477	thunder snake, worm snake, Carphophis amoenus
n01728920	478	ringneck snake, ring-necked snake, ring snake
n01729322	479	hognose snake, puff adder, sand viper
n01729977	480	green snake, grass snake
n01734418	481	king snake, kingsnake
n01735189	482	garter snake, grass snake
n01737021	483	water snake
n01739381	484	vine snake
n01740131	485	night snake, Hypsiglena torquata
n01742172	486	boa constrictor, Constrictor constrictor
n01744401	487	rock python, rock snake, Python sebae
n01748264	488	Indian cobra, Naja naja
n01749939	489	green mamba
n01751748	490	sea snake
n01753488	491	horned viper, cerastes, sand viper, horned asp, Cerastes cornutus
n01755581	492	diamondback, diamondback rattlesnake, Crotalus adamanteus
n01756291	493	sidewinder, horned rattlesnake, Crotalus cerastes
n01768244	601	trilobite
n01770081	602	harvestman, daddy longlegs, Phalangium opilio
n01770393	603	scorpion
n01773157	604	black and gold garden spider, Argiope aurantia
n01773549	605	barn spider, Araneus cavaticus
n01773797	606	garden spider, Aranea diademata
n01774384	607	black widow, Latrodectus mactans
n01774750	608	tarantula
n01775062	609	wolf spider, hunting spider
n01776313	610	tick
n01784675	611	centipede
n01795545	401	black grouse
n01796340	402	ptarmigan
n01797886	403	ruffed grouse, partridge, Bonasa umbellus
n01798484	404	prairie chicken, prairie grouse, prairie fowl
n01806143	405	peacock
n01806567	406	quail
n01807496	407	partridge
n01817953	408	African grey, African gray, Psittacus erithacus
n01818515	409	macaw
n01819313	410	sulphur-crested cockatoo, Kakatoe galerita, Cacatua galerita
n01820546	411	lorikeet
n01824575	412	coucal
n01828970	413	bee eater
n01829413	414	hornbill
n01833805	415	hummingbird
n01843065	416	jacamar
n01843383	417	toucan
n01847000	418	drake
n01855032	419	red-breasted merganser, Mergus serrator
n01855672	420	goose
n01860187	421	black swan, Cygnus atratus
n01871265	214	tusker
n01872401	215	echidna, spiny anteater, anteater
n01873310	217	platypus, duckbill, duckbilled platypus, duck-billed platypus, Ornithorhynchus anatinus
n01877812	216	wallaby, brush kangaroo
n01882714	213	koala, koala bear, kangaroo bear, native bear, Phascolarctos cinereus
n01883070	218	wombat
n01910747	647	jellyfish
n01914609	648	sea anemone, anemone
n01917289	649	brain coral
n01924916	650	flatworm, platyhelminth
n01930112	651	nematode, nematode worm, roundworm
n01943899	652	conch
n01944390	653	snail
n01945685	654	slug
n01950731	655	sea slug, nudibranch
n01955084	656	chiton, coat-of-mail shell, sea cradle, polyplacophore
n01968897	226	chambered nautilus, pearly nautilus, nautilus
n01978287	613	Dungeness crab, Cancer magister
n01978455	614	rock crab, Cancer irroratus
n01980166	615	fiddler crab
n01981276	616	king crab, Alaska crab, Alaskan king crab, Alaska king crab, Paralithodes camtschatica
n01983481	617	American lobster, Northern lobster, Maine lobster, Homarus americanus
n01984695	618	spiny lobster, langouste, rock lobster, crawfish, crayfish, sea crawfish
n01985128	619	crayfish, crawfish, crawdad, crawdaddy
n01986214	620	hermit crab
n01990800	612	isopod
n02002556	422	white stork, Ciconia ciconia
n02002724	423	black stork, Ciconia nigra
n02006656	424	spoonbill
n02007558	425	flamingo
n02009229	427	little blue heron, Egretta caerulea
n02009912	426	American egret, great white heron, Egretta albus
n02011460	428	bittern
n02012849	429	crane
n02013706	430	limpkin, Aramus pictus
n02017213	438	European gallinule, Porphyrio porphyrio
n02018207	431	American coot, marsh hen, mud hen, water hen, Fulica americana
n02018795	432	bustard
n02025239	433	ruddy turnstone, Arenaria interpres
n02027492	434	red-backed sandpiper, dunlin, Erolia alpina
n02028035	435	redshank, Tringa totanus
n02033041	436	dowitcher
n02037110	437	oystercatcher, oyster catcher
n02051845	439	pelican
n02056570	440	king penguin, Aptenodytes patagonica
n02058221	441	albatross, mollymawk
n02066245	6	grey whale, gray whale, devilfish, Eschrichtius gibbosus, Eschrichtius robustus
n02071294	22	killer whale, killer, orca, grampus, sea wolf, Orcinus orca
n02074367	193	dugong, Dugong dugon
n02077923	14	sea lion
n02085620	173	Chihuahua
n02085782	99	Japanese spaniel
n02085936	87	Maltese dog, Maltese terrier, Maltese
n02086079	69	Pekinese, Pekingese, Peke
n02086240	116	Shih-Tzu
n02086646	198	Blenheim spaniel
n02086910	43	papillon
n02087046	89	toy terrier
n02087394	200	Rhodesian ridgeback
n02088094	98	Afghan hound, Afghan
n02088238	161	basset, basset hound
n02088364	132	beagle
n02088466	32	bloodhound, sleuthhound
n02088632	180	bluetick
n02089078	42	black-and-tan coonhound
n02089867	18	Walker hound, Walker foxhound
n02089973	207	English foxhound
n02090379	181	redbone
n02090622	105	borzoi, Russian wolfhound
n02090721	77	Irish wolfhound
n02091032	189	Italian greyhound
n02091134	20	whippet
n02091244	204	Ibizan hound, Ibizan Podenco
n02091467	63	Norwegian elkhound, elkhound
n02091635	31	otterhound, otter hound
n02091831	66	Saluki, gazelle hound
n02092002	21	Scottish deerhound, deerhound
n02092339	25	Weimaraner
n02093256	45	Staffordshire bullterrier, Staffordshire bull terrier
n02093428	170	American Staffordshire terrier, Staffordshire terrier, American pit bull terrier, pit bull terrier
n02093647	119	Bedlington terrier
n02093754	210	Border terrier
n02093859	107	Kerry blue terrier
n02093991	126	Irish terrier
n02094114	88	Norfolk terrier
n02094258	145	Norwich terrier
n02094433	59	Yorkshire terrier
n02095314	160	wire-haired fox terrier
n02095570	152	Lakeland terrier
n02095889	72	Sealyham terrier, Sealyham
n02096051	33	Airedale, Airedale terrier
n02096177	91	cairn, cairn terrier
n02096294	4	Australian terrier
n02096437	27	Dandie Dinmont, Dandie Dinmont terrier
n02096585	113	Boston bull, Boston terrier
n02097047	123	miniature schnauzer
n02097130	36	giant schnauzer
n02097209	156	standard schnauzer
n02097298	109	Scotch terrier, Scottish terrier, Scottie
n02097474	158	Tibetan terrier, chrysanthemum dog
n02097658	131	silky terrier, Sydney silky
n02098105	26	soft-coated wheaten terrier
n02098286	71	West Highland white terrier
n02098413	56	Lhasa, Lhasa apso
n02099267	146	flat-coated retriever
n02099429	144	curly-coated retriever
n02099601	125	golden retriever
n02099712	176	Labrador retriever
n02099849	139	Chesapeake Bay retriever
n02100236	134	German short-haired pointer
n02100583	90	vizsla, Hungarian pointer
n02100735	2	English setter
n02100877	192	Irish setter, red setter
n02101006	154	Gordon setter
n02101388	150	Brittany spaniel
n02101556	94	clumber, clumber spaniel
n02102040	5	English springer, English springer spaniel
n02102177	19	Welsh springer spaniel
n02102318	191	cocker spaniel, English cocker spaniel, cocker
n02102480	196	Sussex spaniel
n02102973	117	Irish water spaniel
n02104029	141	kuvasz
n02104365	68	schipperke
n02105056	93	groenendael
n02105162	51	malinois
n02105251	208	briard
n02105412	184	kelpie
n02105505	97	komondor
n02105641	29	Old English sheepdog, bobtail
n02105855	171	Shetland sheepdog, Shetland sheep dog, Shetland
n02106030	124	collie
n02106166	128	Border collie
n02106382	47	Bouvier des Flandres, Bouviers des Flandres
n02106550	64	Rottweiler
n02106662	211	German shepherd, German shepherd dog, German police dog, alsatian
n02107142	112	Doberman, Doberman pinscher
n02107312	187	miniature pinscher
n02107574	114	Greater Swiss Mountain dog
n02107683	86	Bernese mountain dog
n02107908	115	Appenzeller
n02108000	79	EntleBucher
n02108089	130	boxer
n02108422	140	bull mastiff
n02108551	110	Tibetan mastiff
n02108915	82	French bulldog
n02109047	17	Great Dane
n02109525	177	Saint Bernard, St Bernard
n02109961	149	Eskimo dog, husky
n02110063	15	malamute, malemute, Alaskan malamute
n02110185	3	Siberian husky
n02110341	41	dalmatian, coach dog, carriage dog
n02110627	127	affenpinscher, monkey pinscher, monkey dog
n02110806	84	basenji
n02110958	143	pug, pug-dog
n02111129	133	Leonberg
n02111277	60	Newfoundland, Newfoundland dog
n02111500	172	Great Pyrenees
n02111889	179	Samoyed, Samoyede
n02112018	118	Pomeranian
n02112137	168	chow, chow chow
n02112350	148	keeshond
n02112706	70	Brabancon griffon
n02113023	197	Pembroke, Pembroke Welsh corgi
n02113186	50	Cardigan, Cardigan Welsh corgi
n02113624	106	toy poodle
n02113712	49	miniature poodle
n02113799	151	standard poodle
n02113978	46	Mexican hairless
n02114367	205	timber wolf, grey wolf, gray wolf, Canis lupus
n02114548	102	white wolf, Arctic wolf, Canis lupus tundrarum
n02114712	28	red wolf, maned wolf, Canis rufus, Canis niger
n02114855	58	coyote, prairie wolf, brush wolf, Canis latrans
n02115641	155	dingo, warrigal, warragal, Canis dingo
n02115913	136	dhole, Cuon alpinus
n02116738	202	African hunting dog, hyena dog, Cape hunting dog, Lycaon pictus
n02117135	34	hyena, hyaena
n02119022	62	red fox, Vulpes vulpes
n02119789	1	kit fox, Vulpes macrotis
n02120079	159	Arctic fox, white fox, Alopex lagopus
n02120505	67	grey fox, gray fox, Urocyon cinereoargenteus
n02123045	174	tabby, tabby cat
n02123159	55	tiger cat
n02123394	10	Persian cat
n02123597	95	Siamese cat, Siamese
n02124075	8	Egyptian cat
n02125311	11	cougar, puma, catamount, mountain lion, painter, panther, Felis concolor
n02127052	201	lynx, catamount
n02128385	85	leopard, Panthera pardus
n02128757	153	snow leopard, ounce, Panthera uncia
n02128925	30	jaguar, panther, Panthera onca, Felis onca
n02129165	190	lion, king of beasts, Panthera leo
n02129604	76	tiger, Panthera tigris
n02130308	206	cheetah, chetah, Acinonyx jubatus
n02132136	61	brown bear, bruin, Ursus arctos
n02133161	163	American black bear, black bear, Ursus americanus, Euarctos americanus
n02134084	103	ice bear, polar bear, Ursus Maritimus, Thalarctos maritimus
n02134418	209	sloth bear, Melursus ursinus, Ursus ursinus
n02137549	74	mongoose
n02138441	35	meerkat, mierkat
n02165105	621	tiger beetle
n02165456	622	ladybug, ladybeetle, lady beetle, ladybird, ladybird beetle
n02167151	623	ground beetle, carabid beetle
n02168699	624	long-horned beetle, longicorn, longicorn beetle
n02169497	625	leaf beetle, chrysomelid
n02172182	626	dung beetle
n02174001	627	rhinoceros beetle
n02177972	628	weevil
n02190166	629	fly
n02206856	630	bee
n02219486	224	ant, emmet, pismire
n02226429	631	grasshopper, hopper
n02229544	632	cricket
n02231487	633	walking stick, walkingstick, stick insect
n02233338	634	cockroach, roach
n02236044	635	mantis, mantid
n02256656	636	cicada, cicala
n02259212	637	leafhopper
n02264363	638	lacewing, lacewing fly
n02268443	639	dragonfly, darning needle, devil's darning needle, sewing needle, snake feeder, snake doctor, mosquito hawk, skeeter hawk
n02268853	640	damselfly
n02276258	641	admiral
n02277742	642	ringlet, ringlet butterfly
n02279972	643	monarch, monarch butterfly, milkweed butterfly, Danaus plexippus
n02280649	644	cabbage butterfly
n02281406	645	sulphur butterfly, sulfur butterfly
n02281787	646	lycaenid, lycaenid butterfly
n02317335	225	starfish, sea star
n02319095	657	sea urchin
n02321529	658	sea cucumber, holothurian
n02325366	188	wood rabbit, cottontail, cottontail rabbit
n02326432	129	hare
n02328150	164	Angora, Angora rabbit
n02342885	157	hamster
n02346627	13	porcupine, hedgehog
n02356798	53	fox squirrel, eastern fox squirrel, Sciurus niger
n02361337	183	marmot
n02363005	195	beaver
n02364673	101	guinea pig, Cavia cobaya
n02389026	39	sorrel
n02391049	80	zebra
n02395406	147	hog, pig, grunter, squealer, Sus scrofa
n02396427	78	wild boar, boar, Sus scrofa
n02397096	120	warthog
n02398521	167	hippopotamus, hippo, river horse, Hippopotamus amphibius
n02403003	108	ox
n02408429	162	water buffalo, water ox, Asiatic buffalo, Bubalus bubalis
n02410509	165	bison
n02412080	81	ram, tup
n02415577	52	bighorn, bighorn sheep, cimarron, Rocky Mountain bighorn, Rocky Mountain sheep, Ovis canadensis
n02417914	9	ibex, Capra ibex
n02422106	65	hartebeest
n02422699	57	impala, Aepyceros melampus
n02423022	12	gazelle
n02437312	121	Arabian camel, dromedary, Camelus dromedarius
n02437616	186	llama
n02441942	48	weasel
n02442845	23	mink
n02443114	182	polecat, fitch, foulmart, foumart, Mustela putorius
n02443484	40	black-footed ferret, ferret, Mustela nigripes
n02444819	212	otter
n02445715	44	skunk, polecat, wood pussy
n02447366	16	badger
n02454379	178	armadillo
n02457408	38	three-toed sloth, ai, Bradypus tridactylus
n02480495	83	orangutan, orang, orangutang, Pongo pygmaeus
n02480855	104	gorilla, Gorilla gorilla
n02481823	96	chimpanzee, chimp, Pan troglodytes
n02483362	185	gibbon, Hylobates lar
n02483708	122	siamang, Hylobates syndactylus, Symphalangus syndactylus
n02484975	73	guenon, guenon monkey
n02486261	135	patas, hussar monkey, Erythrocebus patas
n02486410	137	baboon
n02487347	138	macaque
n02488291	203	langur
n02488702	54	colobus, colobus monkey
n02489166	100	proboscis monkey, Nasalis larvatus
n02490219	175	marmoset
n02492035	142	capuchin, ringtail, Cebus capucinus
n02492660	166	howler monkey, howler
n02493509	37	titi, titi monkey
n02493793	111	spider monkey, Ateles geoffroyi
n02494079	92	squirrel monkey, Saimiri sciureus
n02497673	199	Madagascar cat, ring-tailed lemur, Lemur catta
n02500267	75	indri, indris, Indri indri, Indri brevicaudatus
n02504013	194	Indian elephant, Elephas maximus
n02504458	24	African elephant, Loxodonta africana
n02509815	7	lesser panda, red panda, panda, bear cat, cat bear, Ailurus fulgens
n02510455	169	giant panda, panda, panda bear, coon bear, Ailuropoda melanoleuca
n02514041	447	barracouta, snoek
n02526121	451	eel
n02536864	448	coho, cohoe, coho salmon, blue jack, silver salmon, Oncorhynchus kisutch
n02606052	452	rock beauty, Holocanthus tricolor
n02607072	453	anemone fish
n02640242	456	sturgeon
n02641379	457	gar, garfish, garpike, billfish, Lepisosteus osseus
n02643566	454	lionfish
n02655020	455	puffer, pufferfish, blowfish, globefish
n02666196	547	abacus
n02667093	853	abaya
n02669723	896	academic gown, academic robe, judge's robe
n02672831	223	accordion, piano accordion, squeeze box
n02676566	345	acoustic guitar
n02687172	246	aircraft carrier, carrier, flattop, attack aircraft carrier
n02690373	230	airliner
n02692877	232	airship, dirigible
n02699494	677	altar
n02701002	265	ambulance
n02704792	264	amphibian, amphibious vehicle
n02708093	522	analog clock
n02727426	688	apiary, bee house
n02730930	845	apron
n02747177	752	ashcan, trash can, garbage can, wastebin, ash bin, ash-bin, ashbin, dustbin, trash barrel, trash bin
n02749479	540	assault rifle, assault gun
n02769748	847	backpack, back pack, knapsack, packsack, rucksack, haversack
n02776631	704	bakery, bakeshop, bakehouse
n02777292	767	balance beam, beam
n02782093	233	balloon
n02783161	907	ballpoint, ballpoint pen, ballpen, Biro
n02786058	967	Band Aid
n02787622	341	banjo
n02788148	718	bannister, banister, balustrade, balusters, handrail
n02790996	916	barbell
n02791124	307	barber chair
n02791270	705	barbershop
n02793495	683	barn
n02794156	518	barometer
n02795169	905	barrel, cask
n02797295	258	barrow, garden cart, lawn cart, wheelbarrow
n02799071	807	baseball
n02802426	908	basketball
n02804414	296	bassinet
n02804610	353	bassoon
n02807133	785	bathing cap, swimming cap
n02808304	909	bath towel
n02808440	884	bathtub, bathing tub, bath, tub
n02814533	266	beach wagon, station wagon, wagon, estate car, beach waggon, station waggon, waggon
n02814860	733	beacon, lighthouse, beacon light, pharos
n02815834	991	beaker
n02817516	849	bearskin, busby, shako
n02823428	777	beer bottle
n02823750	811	beer glass
n02825657	933	bell cote, bell cot
n02834397	941	bib
n02835271	254	bicycle-built-for-two, tandem bicycle, tandem
n02837789	985	bikini, two-piece
n02840245	835	binder, ring-binder
n02841315	533	binoculars, field glasses, opera glasses
n02843684	839	birdhouse
n02859443	689	boathouse
n02860847	252	bobsled, bobsleigh, bob
n02865351	940	bolo tie, bolo, bola tie, bola
n02869837	805	bonnet, poke bonnet
n02870880	300	bookcase
n02871525	706	bookshop, bookstore, bookstall
n02877765	779	bottlecap
n02879718	538	bow
n02883205	817	bow tie, bow-tie, bowtie
n02892201	716	brass, memorial tablet, plaque
n02892767	872	brassiere, bra, bandeau
n02894605	719	breakwater, groin, groyne, mole, bulwark, seawall, jetty
n02895154	949	breastplate, aegis, egis
n02906734	851	broom
n02909870	820	bucket, pail
n02910353	580	buckle
n02916936	833	bulletproof vest
n02917067	887	bullet train, bullet
n02927161	707	butcher shop, meat market
n02930766	267	cab, hack, taxi, taxicab
n02939185	673	caldron, cauldron
n02948072	591	candle, taper, wax light
n02950826	539	cannon
n02951358	239	canoe
n02951585	377	can opener, tin opener
n02963159	836	cardigan
n02965783	576	car mirror
n02966193	568	carousel, carrousel, merry-go-round, roundabout, whirligig
n02966687	891	carpenter's kit, tool kit
n02971356	749	carton
n02974003	563	car wheel
n02977058	548	cash machine, cash dispenser, automated teller machine, automatic teller machine, automated teller, automatic teller, ATM
n02978881	890	cassette
n02979186	929	cassette player
n02980441	701	castle
n02981792	241	catamaran
n02988304	987	CD player
n02992211	342	cello, violoncello
n02992529	914	cellular telephone, cellular phone, cellphone, cell, mobile phone
n02999410	827	chain
n03000134	721	chainlink fence
n03000247	902	chain mail, ring mail, mail, chain armor, chain armour, ring armor, ring armour
n03000684	382	chain saw, chainsaw
n03014705	762	chest
n03016953	303	chiffonier, commode
n03017168	335	chime, bell, gong
n03018349	301	china cabinet, china closet
n03026506	801	Christmas stocking
n03028079	690	church, church building
n03032252	695	cinema, movie theater, movie theatre, movie house, picture palace
n03041632	370	cleaver, meat cleaver, chopper
n03042490	713	cliff dwelling
n03045698	797	cloak
n03047690	979	clog, geta, patten, sabot
n03062245	761	cocktail shaker
n03063599	996	coffee mug
n03063689	674	coffeepot
n03065424	698	coil, spiral, volute, whorl, helix
n03075370	583	combination lock
n03085013	543	computer keyboard, keypad
n03089624	708	confectionery, confectionary, candy store
n03095699	243	container ship, containership, container vessel
n03100240	268	convertible
n03109150	376	corkscrew, bottle screw
n03110669	347	cornet, horn, trumpet, trump
n03124043	910	cowboy boot
n03124170	881	cowboy hat, ten-gallon hat
n03125729	297	cradle
n03126707	545	crane
n03127747	778	crash helmet
n03127925	898	crate
n03131574	298	crib, cot
n03133878	670	Crock Pot
n03134739	756	croquet ball
n03141823	856	crutch
n03146219	865	cuirass
n03160309	720	dam, dike, dyke
n03179701	313	desk
n03180011	550	desktop computer
n03187595	959	dial telephone, dial phone
n03188531	966	diaper, nappy, napkin
n03196217	523	digital clock
n03197337	529	digital watch
n03201208	315	dining table, board
n03207743	821	dishrag, dishcloth
n03207941	667	dishwasher, dish washer, dishwashing machine
n03208938	579	disk brake, disc brake
n03216828	715	dock, dockage, docking facility
n03218198	253	dogsled, dog sled, dog sleigh
n03220513	897	dome
n03223299	972	doormat, welcome mat
n03240683	834	drilling platform, offshore rig
n03249569	336	drum, membranophone, tympan
n03250847	799	drumstick
n03255030	1000	dumbbell
n03259280	662	Dutch oven
n03271574	512	electric fan, blower
n03272010	346	electric guitar
n03272562	262	electric locomotive
n03290653	316	entertainment center
n03291819	879	envelope
n03297495	660	espresso maker
n03314780	808	face powder
n03325584	796	feather boa, boa
n03337140	305	file, file cabinet, filing cabinet
n03344393	235	fireboat
n03345487	279	fire engine, fire truck
n03347037	919	fire screen, fireguard
n03355925	995	flagpole, flagstaff
n03372029	356	flute, transverse flute
n03376595	309	folding chair
n03379051	784	football helmet
n03384352	261	forklift
n03388043	712	fountain
n03388183	934	fountain pen
n03388549	299	four-poster
n03393912	256	freight car
n03394916	348	French horn, horn
n03400231	671	frying pan, frypan, skillet
n03404251	757	fur coat
n03417042	280	garbage truck, dustcart
n03424325	971	gasmask, respirator, gas helmet
n03425413	567	gas pump, gasoline pump, petrol pump, island dispenser
n03443371	955	goblet
n03444034	275	go-kart
n03445777	792	golf ball
n03445924	276	golfcart, golf cart
n03447447	236	gondola
n03447721	337	gong, tam-tam
n03450230	911	gown
n03452741	227	grand piano, grand
n03457902	684	greenhouse, nursery, glasshouse
n03459775	725	grille, radiator grille
n03461385	703	grocery store, grocery, food market, market
n03467068	517	guillotine
n03476684	581	hair slide
n03476991	895	hair spray
n03478589	249	half track
n03481172	375	hammer
n03482405	840	hamper
n03483316	505	hand blower, blow dryer, blow drier, hair dryer, hair drier
n03485407	551	hand-held computer, hand-held microcomputer
n03485794	750	handkerchief, hankie, hanky, hankey
n03492542	573	hard disc, hard disk, fixed disk
n03494278	350	harmonica, mouth organ, harp, mouth harp
n03495258	344	harp
n03496892	554	harvester, reaper
n03498962	369	hatchet
n03527444	787	holster
n03529860	696	home theater, home theatre
n03530642	730	honeycomb
n03532672	562	hook, claw
n03534580	802	hoopskirt, crinoline
n03535780	924	horizontal bar, high bar
n03538406	293	horse cart, horse-cart
n03544143	525	hourglass
n03584254	980	iPod
n03584829	659	iron, smoothing iron
n03590841	592	jack-o'-lantern
n03594734	748	jean, blue jean, denim
n03594945	269	jeep, landrover
n03595614	961	jersey, T-shirt, tee shirt
n03598930	963	jigsaw puzzle
n03599486	294	jinrikisha, ricksha, rickshaw
n03602883	560	joystick
n03617480	770	kimono
n03623198	773	knee pad
n03627232	582	knot
n03630383	918	lab coat, laboratory coat
n03633091	892	ladle
n03637318	814	lampshade, lamp shade
n03642806	228	laptop, laptop computer
n03649909	374	lawn mower, mower
n03657121	988	lens cap, lens cover
n03658185	371	letter opener, paper knife, paperknife
n03661043	687	library
n03662601	238	lifeboat
n03666591	546	lighter, light, igniter, ignitor
n03670208	270	limousine, limo
n03673027	244	liner, ocean liner
n03676483	867	lipstick, lip rouge
n03680355	973	Loafer
n03690938	894	lotion
n03691459	508	loudspeaker, speaker, speaker unit, loudspeaker system, speaker system
n03692522	536	loupe, jeweler's loupe
n03697007	697	lumbermill, sawmill
n03706229	532	magnetic compass
n03709823	818	mailbag, postbag
n03710193	917	mailbox, letter box
n03710637	782	maillot
n03710721	977	maillot, tank suit
n03717622	763	manhole cover
n03720891	338	maraca
n03721384	339	marimba, xylophone
n03724870	781	mask
n03729826	984	matchstick
n03733131	598	maypole
n03733281	922	maze, labyrinth
n03733805	946	measuring cup
n03742115	302	medicine chest, medicine cabinet
n03743016	717	megalith, megalithic structure
n03759954	509	microphone, mike
n03761084	661	microwave, microwave oven
n03763968	866	military uniform
n03764736	875	milk can
n03769881	920	minibus
n03770439	880	miniskirt, mini
n03770679	271	minivan
n03773504	251	missile
n03775071	871	mitten
n03775546	829	mixing bowl
n03776460	290	mobile home, manufactured home
n03777568	272	Model T
n03777754	764	modem
n03781244	686	monastery
n03782006	869	monitor
n03785016	277	moped
n03786901	824	mortar
n03787032	854	mortarboard
n03788195	691	mosque
n03788365	852	mosquito net
n03791053	260	motor scooter, scooter
n03792782	255	mountain bike, all-terrain bike, off-roader
n03792972	728	mountain tent
n03793489	511	mouse, computer mouse
n03794056	599	mousetrap
n03796401	284	moving van
n03803284	588	muzzle
n03804744	585	nail
n03814639	595	neck brace
n03814906	755	necklace
n03825788	915	nipple
n03832673	552	notebook, notebook computer
n03837869	699	obelisk
n03838899	354	oboe, hautboy, hautbois
n03840681	351	ocarina, sweet potato
n03841143	520	odometer, hodometer, mileometer, milometer
n03843555	513	oil filter
n03854065	333	organ, pipe organ
n03857828	870	oscilloscope, scope, cathode-ray oscilloscope, CRO
n03866082	937	overskirt
n03868242	295	oxcart
n03868863	506	oxygen mask
n03871628	921	packet
n03873416	826	paddle, boat paddle
n03874293	564	paddlewheel, paddle wheel
n03874599	584	padlock
n03876231	504	paintbrush
n03877472	759	pajama, pyjama, pj's, jammies
n03877845	685	palace
n03884397	352	panpipe, pandean pipe, syrinx
n03887697	877	paper towel
n03888257	942	parachute, chute
n03888605	994	parallel bars, bars
n03891251	306	park bench
n03891332	527	parking meter
n03895866	257	passenger car, coach, carriage
n03899768	679	patio, terrace
n03902125	843	pay-phone, pay-station
n03903868	732	pedestal, plinth, footstall
n03908618	842	pencil box, pencil case
n03908714	850	pencil sharpener
n03916031	883	perfume, essence
n03920288	783	Petri dish
n03924679	789	photocopier
n03929660	575	pick, plectrum, plectron
n03929855	926	pickelhaube
n03930313	722	picket fence, paling
n03930630	281	pickup, pickup truck
n03933933	596	pier
n03935335	931	piggy bank, penny bank
n03937543	901	pill bottle
n03938244	888	pillow
n03942813	841	ping-pong ball
n03944341	565	pinwheel
n03947888	245	pirate, pirate ship
n03950228	983	pitcher, ewer
n03954731	372	plane, carpenter's plane, woodworking plane
n03956157	693	planetarium
n03958227	964	plastic bag
n03961711	731	plate rack
n03967562	381	plow, plough
n03970156	378	plunger, plumber's helper
n03976467	857	Polaroid camera, Polaroid Land camera
n03976657	923	pole
n03977966	285	police van, police wagon, paddy wagon, patrol wagon, wagon, black Maria
n03980874	855	poncho
n03982430	314	pool table, billiard table, snooker table
n03983396	788	pop bottle, soda bottle
n03991062	838	pot, flowerpot
n03992509	566	potter's wheel
n03995372	373	power drill
n03998194	769	prayer rug, prayer mat
n04004767	556	printer
n04005630	702	prison, prison house
n04008634	542	projectile, missile
n04009552	534	projector
n04019541	572	puck, hockey puck
n04023962	846	punching bag, punch bag, punching ball, punchball
n04026417	939	purse
n04033901	862	quill, quill pen
n04033995	976	quilt, comforter, comfort, puff
n04037443	273	racer, race car, racing car
n04039381	860	racket, racquet
n04040759	571	radiator
n04041544	863	radio, wireless
n04044716	537	radio telescope, radio reflector
n04049303	927	rain barrel
n04065272	286	recreational vehicle, RV, R.V.
n04067472	570	reel
n04069434	965	reflex camera
n04070727	668	refrigerator, icebox
n04074963	578	remote control, remote
n04081281	694	restaurant, eating house, eating place, eatery
n04086273	219	revolver, six-gun, six-shooter
n04090263	541	rifle
n04099969	310	rocking chair, rocker
n04111531	663	rotisserie
n04116512	997	rubber eraser, rubber, pencil eraser
n04118538	876	rugby ball
n04118776	519	rule, ruler
n04120489	760	running shoe
n04125021	753	safe
n04127249	586	safety pin
n04131690	952	saltshaker, salt shaker
n04133789	751	sandal
n04136333	938	sarong
n04141076	355	sax, saxophone
n04141327	809	scabbard
n04141975	521	scale, weighing machine
n04146614	962	school bus
n04147183	221	schooner
n04149813	729	scoreboard
n04152593	510	screen, CRT screen
n04153751	587	screw
n04154565	379	screwdriver
n04162706	589	seat belt, seatbelt
n04179913	559	sewing machine
n04192698	800	shield, buckler
n04200800	709	shoe shop, shoe-shop, shoe store
n04201297	832	shoji
n04204238	950	shopping basket
n04204347	259	shopping cart
n04208210	380	shovel
n04209133	868	shower cap
n04209239	747	shower curtain
n04228054	590	ski
n04229816	776	ski mask
n04235860	943	sleeping bag
n04238763	549	slide rule, slipstick
n04239074	726	sliding door
n04243546	557	slot, one-armed bandit
n04251144	507	snorkel
n04252077	288	snowmobile
n04252225	278	snowplow, snowplough
n04254120	960	soap dispenser
n04254680	222	soccer ball
n04254777	986	sock
n04258138	577	solar dish, solar collector, solar furnace
n04259630	925	sombrero
n04263257	822	soup bowl
n04264628	858	space bar
n04265275	515	space heater
n04266014	234	space shuttle
n04270147	676	spatula
n04273569	237	speedboat
n04275548	600	spider web, spider's web
n04277352	775	spindle
n04285008	274	sports car, sport car
n04286575	593	spotlight, spot
n04296562	804	stage
n04310018	263	steam locomotive
n04311004	680	steel arch bridge
n04311174	340	steel drum
n04317175	530	stethoscope
n04325704	998	stole
n04326547	724	stone wall
n04328186	528	stopwatch, stop watch
n04330267	516	stove
n04332243	514	strainer
n04335435	287	streetcar, tram, tramcar, trolley, trolley car
n04336792	957	stretcher
n04344873	311	studio couch, day bed
n04346328	692	stupa, tope
n04347754	247	submarine, pigboat, sub, U-boat
n04350905	794	suit, suit of clothes
n04355338	526	sundial
n04355933	574	sunglass
n04356056	535	sunglasses, dark glasses, shades
n04357314	810	sunscreen, sunblock, sun blocker
n04366367	681	suspension bridge
n04367480	828	swab, swob, mop
n04370456	837	sweatshirt
n04371430	945	swimming trunks, bathing trunks
n04371774	569	swing
n04372370	561	switch, electric switch, electrical switch
n04376876	531	syringe
n04380533	304	table lamp
n04389033	250	tank, army tank, armored combat vehicle, armoured combat vehicle
n04392985	978	tape player
n04398044	675	teapot
n04399382	786	teddy, teddy bear
n04404412	944	television, television system
n04409515	970	tennis ball
n04417672	989	thatch, thatched roof
n04418357	903	theater curtain, theatre curtain
n04423845	758	thimble
n04428191	555	thresher, thrasher, threshing machine
n04429376	308	throne
n04435653	780	tile roof
n04442312	664	toaster
n04443257	710	tobacco shop, tobacconist shop, tobacconist
n04447861	312	toilet seat
n04456115	594	torch
n04458633	700	totem pole
n04461696	282	tow truck, tow car, wrecker
n04462240	711	toyshop
n04465501	289	tractor
n04467665	283	trailer truck, tractor trailer, trucking rig, rig, articulated lorry, semi
n04476259	766	tray
n04479046	825	trench coat
n04482393	291	tricycle, trike, velocipede
n04483307	242	trimaran
n04485082	597	tripod
n04486054	678	triumphal arch
n04487081	882	trolleybus, trolley coach, trackless trolley
n04487394	349	trombone
n04493381	765	tub, vat
n04501370	727	turnstile
n04505470	544	typewriter keyboard
n04507155	220	umbrella
n04509417	292	unicycle, monocycle
n04515003	334	upright, upright piano
n04517823	666	vacuum, vacuum cleaner
n04522168	874	vase
n04523525	990	vault
n04525038	969	velvet
n04525305	558	vending machine
n04532106	790	vestment
n04532670	682	viaduct
n04536866	343	violin, fiddle
n04540053	936	volleyball
n04542943	665	waffle iron
n04548280	524	wall clock
n04548362	928	wallet, billfold, notecase, pocketbook
n04550184	317	wardrobe, closet, press
n04552348	231	warplane, military plane
n04553703	906	washbasin, handbasin, washbowl, lavabo, wash-hand basin
n04554684	669	washer, automatic washer, washing machine
n04557648	958	water bottle
n04560804	819	water jug
n04562935	795	water tower
n04579145	772	whiskey jug
n04579432	502	whistle
n04584207	899	wig
n04589890	912	window screen
n04590129	904	window shade
n04591157	935	Windsor tie
n04591713	831	wine bottle
n04592741	503	wing
n04596742	672	wok
n04597913	951	wooden spoon
n04599235	815	wool, woolen, woollen
n04604644	723	worm fence, snake fence, snake-rail fence, Virginia fence
n04606251	248	wreck
n04612504	240	yawl
n04613696	714	yurt
n06359193	553	web site, website, internet site, site
n06596364	930	comic book
n06785654	791	crossword puzzle, crossword
n06794110	932	street sign
n06874185	861	traffic light, traffic signal, stoplight
n07248320	774	book jacket, dust cover, dust jacket, dust wrapper
n07565083	803	menu
n07579787	754	plate
n07583066	813	guacamole
n07584110	844	consomme
n07590611	771	hot pot, hotpot
n07613480	793	trifle
n07614500	974	ice cream, icecream
n07615774	968	ice lolly, lolly, lollipop, popsicle
n07684084	873	French loaf
n07693725	768	bagel, beigel
n07695742	975	pretzel
n07697313	993	cheeseburger
n07697537	885	hotdog, hot dog, red hot
n07711569	734	mashed potato
n07714571	736	head cabbage
n07714990	737	broccoli
n07715103	738	cauliflower
n07716358	739	zucchini, courgette
n07716906	740	spaghetti squash
n07717410	741	acorn squash
n07717556	742	butternut squash
n07718472	743	cucumber, cuke
n07718747	744	artichoke, globe artichoke
n07720875	735	bell pepper
n07730033	745	cardoon
n07734744	746	mushroom
n07742313	318	Granny Smith
n07745940	229	strawberry
n07747607	319	orange
n07749582	320	lemon
n07753113	321	fig
n07753275	322	pineapple, ananas
n07753592	323	banana
n07754684	324	jackfruit, jak, jack
n07760859	325	custard apple
n07768694	326	pomegranate
n07802026	816	hay
n07831146	999	carbonara
n07836838	953	chocolate sauce, chocolate syrup
n07860988	864	dough
n07871810	806	meat loaf, meatloaf
n07873807	948	pizza, pizza pie
n07875152	830	potpie
n07880968	900	burrito
n07892512	798	red wine
n07920052	947	espresso
n07930864	859	cup
n07932039	823	eggnog
n09193705	361	alp
n09229709	992	bubble
n09246464	359	cliff, drop, drop-off
n09256479	365	coral reef
n09288635	368	geyser
n09332890	366	lakeside, lakeshore
n09399592	363	promontory, headland, head, foreland
n09421951	364	sandbar, sand bar
n09428293	367	seashore, coast, seacoast, sea-coast
n09468604	360	valley, vale
n09472597	362	volcano
n09835506	954	ballplayer, baseball player
n10148035	848	groom, bridegroom
n10565667	982	scuba diver
n11879895	330	rapeseed
n11939491	357	daisy
n12057211	358	yellow lady's slipper, yellow lady-slipper, Cypripedium calceolus, Cypripedium parviflorum
n12144580	331	corn
n12267677	327	acorn
n12620546	328	hip, rose hip, rosehip
n12768682	332	buckeye, horse chestnut, conker
n12985857	886	coral fungus
n12998815	913	agaric
n13037406	956	gyromitra
n13040303	893	stinkhorn, carrion fungus
n13044778	878	earthstar
n13052670	812	hen-of-the-woods, hen of the woods, Polyporus frondosus, Grifola frondosa
n13054560	981	bolete
n13133613	329	ear, spike, capitulum
n15075141	889	toilet tissue, toilet paper, bathroom tissue
`;
