/**
 * What the 91 classes of detectors trained on COCO are called, class 0 being the background. They are COCO's category ids, ten of which no box has (Lin 2014,
 * arXiv:1405.0312; the list of its annotation files): those are undefined here.
 */
const names =
  'person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,,stop sign,parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,' +
  'giraffe,,backpack,umbrella,,,handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,,' +
  'wine glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,,dining table,,,toilet,,tv,' +
  'laptop,mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,,book,clock,vase,scissors,teddy bear,hair drier,toothbrush';

export const cocoClasses: readonly (string | undefined)[] = [
  undefined,
  ...names.split(',').map((name) => (name === '' ? undefined : name)),
];
