import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { parseLabels } from '../../src/io/labels.js';
import { classesIn, labelsOf } from '../../src/pretrained/labels.js';

describe('shipped labels', () => {
  test('ImageNet: a thousand, in the order of sorted synsets, each with a name', async () => {
    const labels = await labelsOf('imagenet');
    expect(labels).toHaveLength(classesIn.imagenet);
    expect(labels[0]).toEqual({ name: 'tench, Tinca tinca', synset: 'n01440764' });
    expect(labels[999]).toEqual({ name: 'toilet tissue, toilet paper, bathroom tissue', synset: 'n15075141' });
    const synsets = labels.map(({ synset }) => synset as string);
    expect(synsets).toEqual([...new Set(synsets)].sort());
    expect(labels.every(({ name, synset }) => name.trim() === name && name !== '' && /^n\d{8}$/.test(synset ?? ''))).toBe(true);
  });

  test('CIFAR-10', async () => {
    const labels = await labelsOf('cifar10');
    expect(labels.map(({ name }) => name)).toEqual([...labels.map(({ name }) => name)].sort());
    expect(labels).toHaveLength(classesIn.cifar10);
  });
});

describe('label files', () => {
  const names = (...all: readonly string[]) => all.map((name) => ({ name }));
  const tench = { name: 'tench', synset: 'n01440764' };
  test.each([
    ['a name a line', 'cat\ndog\n', [{ name: 'cat' }, { name: 'dog' }]],
    ['Windows’ ends of lines, and its mark', '\uFEFFcat\r\ndog\r\n', [{ name: 'cat' }, { name: 'dog' }]],
    ['a synset in front', 'n01440764 tench, Tinca tinca', [{ name: 'tench, Tinca tinca', synset: 'n01440764' }]],
    ['a list', '["cat", "dog"]', [{ name: 'cat' }, { name: 'dog' }]],
    ['an object by index', '{"1": "dog", "0": ["n02123045", "tabby"]}', [{ name: 'tabby', synset: 'n02123045' }, { name: 'dog' }]],
    [
      'a dictionary as Python prints it',
      `{0: 'cat', 1: "dog's", 2: 'a \\'b\\' \\u00e9 \\x41', 3: u'x',}`,
      names('cat', "dog's", "a 'b' é A", 'x'),
    ],
    ['a list as Python prints it', "['cat', 'dog, hound']", names('cat', 'dog, hound')],
    ['tuples', "{1: ('n02123045', 'tabby'), 0: ('n01440764', 'tench')}", [tench, { name: 'tabby', synset: 'n02123045' }]],
    ['comments of Python', "{ # classes\n 0: 'cat', # the first\n 1: 'dog' }", names('cat', 'dog')],
    [
      "Hugging Face's configuration",
      '{"hidden": [1, 2.5e-3], "x": null, "id2label": {"0": "cat", "1": "dog"}, "label2id": {"cat": 1}}',
      names('cat', 'dog'),
    ],
    ['only indices by label in one', '{"label2id": {"dog": "1", "cat": "0"}, "use": true}', names('cat', 'dog')],
    ['indices by name', '{"dog": 1, "cat": 0}', names('cat', 'dog')],
    ["torchvision's class_to_idx", "{'class_to_idx': {'dog': 1, 'cat': 0}}", names('cat', 'dog')],
    ['indices and commas', '1,dog\n0,"cat, ""tom"""\n', names('cat, "tom"', 'dog')],
    ['a line of headings', 'index,label\n0,cat\n1,dog\n', names('cat', 'dog')],
    ['indices and tabs', '0\tcat\n1\tdog', names('cat', 'dog')],
    ['indices and colons', ' 0: cat\n 1: dog', names('cat', 'dog')],
    ['indices and spaces', '1 dog\n0 cat house', names('cat house', 'dog')],
    ['names that are digits', '0\n1\n2', names('0', '1', '2')],
    ['names of an object’s own', '["__proto__", "constructor"]', names('__proto__', 'constructor')],
    ['indices by such names', '{"__proto__": 1, "constructor": 0, "toString": 2}', names('constructor', '__proto__', 'toString')],
    ["Places365's list", '/a/airfield 0\n/d/diner/outdoor 2\n/a/alley 1\n', names('airfield', 'alley', 'diner/outdoor')],
    ['its list with ImageNet’s before', 'n01440764 tench 0\n/a/airfield 1', [tench, { name: 'airfield' }]],
    ['paths that are none of its', '/usr/bin 0\n/usr/lib 1', names('/usr/bin 0', '/usr/lib 1')],
    ['a name and its index', 'b,1\na,0\nc,2', names('a', 'b', 'c')],
    ['a name and its index, below a header, quoted', 'name;index\r\n"b; c";1\r\na;0\r\n', names('a', 'b; c')],
    ['names that end in numbers of their own', 'route 0\nroute 1', names('route 0', 'route 1')],
    ['names that end in other numbers', 'boeing 737\nairbus 320', names('boeing 737', 'airbus 320')],
    ['quoted lines', '"cat"\n"the ""big"" dog"', names('cat', 'the "big" dog')],
    ['lines of an old Macintosh', 'cat\rdog', names('cat', 'dog')],
    ["YAML's list", '- cat\n- dog\n', names('cat', 'dog')],
    ['objects in a list', '[{"name": "b", "id": 1}, {"name": "a", "id": 0}]', names('a', 'b')],
    ['objects without an index', '[{"label": "a"}, {"label": "b"}]', names('a', 'b')],
    ["COCO's categories", '{"info": {}, "categories": [{"id": 0, "name": "a"}, {"id": 1, "name": "b"}]}', names('a', 'b')],
    ['a list within an object', '{"classes": ["a", "b"]}', names('a', 'b')],
    ['indices that are not in JSON’s order', '{"2": "c", "0": "a", "1": "b"}', names('a', 'b', 'c')],
  ])('%s', (_, text, labels) => {
    expect(parseLabels(text)).toEqual(labels);
    expect(parseLabels(new TextEncoder().encode(text))).toEqual(labels);
  });

  test.each([
    ['', 'holds no label'],
    [' \n\n', 'holds no label'],
    ['[]', 'holds no label'],
    ['cat\n\ndog', 'class 1: expected a label'],
    ['["cat", 7]', 'class 1: expected a label, found 7'],
    ['{"0": "cat", "2": "dog"}', 'class 1: expected a label, found nothing'],
    ['{"0": {"name": "cat"}}', 'class 0: expected a label, found an object'],
    ['["cat"', 'is not JSON, nor a literal of Python (expected a comma or ] at character 6)'],
    ["{0: 'cat', 2: 'dog'}", 'class 1: expected a label, found nothing'],
    ['{"1": "cat", "2": "dog"}', 'class 0: expected a label, found nothing'],
    ["{0: 'cat', 0: 'dog'}", 'the key 0 stands twice'],
    ['{"0": "cat", "00": "dog"}', 'class 0: expected one label, found "cat" and "dog"'],
    ['{"cat": 0, "dog": 0}', 'class 0: expected one label, found "cat" and "dog"'],
    ['{"cat": 0, "dog": 2}', 'class 1: expected a label, found nothing'],
    ['{"cat": 0, "dog": -1}', 'expected labels by index, indices by label, or id2label, found "cat"'],
    ['{"cat": 0, "dog": "x"}', 'expected labels by index, indices by label, or id2label, found "cat"'],
    ['{"id2label": {"0": "cat", "2": "dog"}}', 'class 1: expected a label, found nothing'],
    ['0,cat\n2,dog', 'class 1: expected a label, found nothing'],
    ['0,cat\n0,dog', 'class 0: expected one label, found "cat" and "dog"'],
    ['1 cat\n2 dog', 'class 0: expected a label, found nothing; indices count from 0, these from 1'],
    [
      '[{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]',
      'class 0: expected a label, found nothing; indices count from 0, these from 1',
    ],
    ['[{"id": 0, "title": "cat"}]', 'class 0: expected an object with a name, found an object'],
    ['/a/airfield 0\n/a/alley 2', 'class 1: expected a label, found nothing'],
    ['/a/airfield 1\n/a/alley 1', 'class 1: expected one label, found "airfield" and "alley"'],
    ['/a/airfield 0\n/a/alley', 'line 2: expected a name and its index, as in /a/airfield 0, found "/a/alley"'],
    ['n02119789 1 kit_fox\nn02100735 2 English_setter', "by the development kit's numbers"],
    ["{0: open('x')}", 'expected a value at character 4'],
    ["{'cat'}", 'expected a colon at character 6'],
    ["['cat\ndog']", "expected the text to end with ' at character 5"],
    ['["\\u00e"]', 'expected 4 digits of a character'],
    ['["cat"] x', 'expected the end at character 8'],
    [`${'['.repeat(1_000_000)}`, 'expected at most 32 lists in each other'],
    ['c\0a\0t\0', 'holds zero bytes: it is UTF-16 or no text'],
  ])('%j: %s', (text, message) => {
    expect(() => parseLabels(text)).toThrow(InputError);
    expect(() => parseLabels(text)).toThrow(message);
  });

  const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf16le'));
  test.each([
    ['little-endian UTF-16', utf16('\uFEFFcat\ndog'), 'is UTF-16: save it as UTF-8'],
    ['big-endian UTF-16', new Uint8Array(Buffer.from(utf16('\uFEFFcat\ndog')).swap16()), 'is UTF-16: save it as UTF-8'],
    ['UTF-16 without its mark', utf16('cat\ndog'), 'holds zero bytes: it is UTF-16 or no text; save it as UTF-8'],
    ['Latin-1', Uint8Array.of(0x63, 0xe9), 'is not UTF-8: save it so'],
  ])('%s is refused by name', (_, bytes, message) => {
    expect(() => parseLabels(bytes)).toThrow(InputError);
    expect(() => parseLabels(bytes)).toThrow(message);
  });

  test.each([
    ['lists', `[${'[],'.repeat(2_000_000)}]`],
    ['objects', `[${'{},'.repeat(2_000_000)}]`],
    ['numbers', `[${'1,'.repeat(2_000_000)}]`],
    ['lines', 'a\n'.repeat(2_000_000)],
  ])('a file of millions of %s takes more memory than labels may', (_, text) => {
    expect(() => parseLabels(text)).toThrow(InputError);
    expect(() => parseLabels(text)).toThrow(/labels: expected a file whose objects take at most \d+ bytes of memory, found more/);
  });

  test('tens of thousands of short labels are read', () => {
    const given = Array.from({ length: 30_000 }, (_, i) => `class ${i}`);
    expect(parseLabels(given.join('\n'))).toHaveLength(30_000);
    expect(parseLabels(JSON.stringify({ ...given }))).toHaveLength(30_000);
    expect(parseLabels(JSON.stringify({ id2label: { ...given } }))).toHaveLength(30_000);
  });

  /** Each took minutes where an expression tried again from every space. */
  test.each([
    ['spaces after a synset', JSON.stringify([`n01440764${' '.repeat(200_000)}\n${' '.repeat(200_000)}`])],
    ['tabs after an index', `0${'\t'.repeat(200_000)}x\rx\n1 x`],
    ['spaces within JSON', `[${' '.repeat(400_000)}"cat"]`],
    ['spaces after a place', `/a/b 0\n/a/b${' '.repeat(200_000)}x 1`],
    ['spaces before an index', `/a/b 0\n/a/b${' '.repeat(200_000)}1`],
    ['separators before an index', `a,0\nb${', '.repeat(100_000)}1`],
    ['separators before none', `a,0\nb${', '.repeat(100_000)}x`],
    ['numbers before an index', `a,0\nb${' 1'.repeat(100_000)}`],
    ['digits after a place', `/a/b 0\n/a/b${' 1'.repeat(100_000)}`.replace(/ 1$/, 'x 1')],
    ['backslashes', JSON.stringify(['\\'.repeat(200_000)])],
  ])('long runs of %s are read in one pass', (_, text) => {
    expect(parseLabels(text).length).toBeGreaterThan(0);
  });
});
