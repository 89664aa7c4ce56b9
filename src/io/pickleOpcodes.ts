import { floatIn, integerIn, longIn } from './pickleLines.js';
import type { PickleMachine } from './pickleMachine.js';

/** The opcodes of Python's pickle (its pickletools), by their numbers. */

export const stop = 0x2e;

/** Those that files hold, of all protocols, and what each does. */
export const opcodes: Readonly<Record<number, (m: PickleMachine) => void>> = {
  128: (m) => m.protocol(m.uint8()), //                                   PROTO
  149: (m) => m.skip(8), //                                               FRAME: how many bytes follow
  99: (m) => m.pushGlobal(m.line(), m.line()), //                         GLOBAL
  147: (m) => m.stackGlobal(m.popSeveral(2)), //                          STACK_GLOBAL
  88: (m) => m.push(m.text(m.uint32())), //                               BINUNICODE
  140: (m) => m.push(m.text(m.uint8())), //                               SHORT_BINUNICODE
  141: (m) => m.push(m.text(m.uint64())), //                              BINUNICODE8
  86: (m) => m.pushUnicodeLine(), //                                      UNICODE
  85: (m) => m.pushByteText(m.bytes(m.uint8())), //                       SHORT_BINSTRING
  84: (m) => m.pushByteText(m.bytes(m.uint32())), //                      BINSTRING
  83: (m) => m.pushQuotedLine(), //                                       STRING
  67: (m) => m.pushBytes(m.bytes(m.uint8()), 'bytes'), //                 SHORT_BINBYTES
  66: (m) => m.pushBytes(m.bytes(m.uint32()), 'bytes'), //                BINBYTES
  142: (m) => m.pushBytes(m.bytes(m.uint64()), 'bytes'), //               BINBYTES8
  150: (m) => m.pushBytes(m.bytes(m.uint64()), 'bytearray'), //           BYTEARRAY8
  74: (m) => m.push(m.int32()), //                                        BININT
  75: (m) => m.push(m.uint8()), //                                        BININT1
  77: (m) => m.push(m.uint16()), //                                       BININT2
  138: (m) => m.push(m.long(m.uint8())), //                               LONG1
  139: (m) => m.skipped(m.uint32(), 'int'), //                            LONG4: of 2048 bits and more
  73: (m) => m.pushNumber(integerIn(m.line()), 'a whole number'), //      INT
  76: (m) => m.pushNumber(longIn(m.line()), 'a whole number'), //         LONG
  70: (m) => m.pushNumber(floatIn(m.line()), 'a number'), //              FLOAT
  71: (m) => m.push(m.float64()), //                                      BINFLOAT
  78: (m) => m.push(null), //                                             NONE
  136: (m) => m.push(true), //                                            NEWTRUE
  137: (m) => m.push(false), //                                           NEWFALSE
  40: (m) => m.mark(), //                                                 MARK
  48: (m) => m.drop(), //                                                 POP
  49: (m) => m.popToMark(), //                                            POP_MARK
  50: (m) => m.duplicate(), //                                            DUP
  41: (m) => m.pushList([]), //                                           EMPTY_TUPLE
  133: (m) => m.pushList(m.popSeveral(1)), //                             TUPLE1
  134: (m) => m.pushList(m.popSeveral(2)), //                             TUPLE2
  135: (m) => m.pushList(m.popSeveral(3)), //                             TUPLE3
  116: (m) => m.pushList(m.popToMark()), //                               TUPLE
  125: (m) => m.pushDict([]), //                                          EMPTY_DICT
  100: (m) => m.pushDict(m.popToMark()), //                               DICT
  115: (m) => m.setItems(m.popSeveral(2)), //                             SETITEM
  117: (m) => m.setItems(m.popToMark()), //                               SETITEMS
  93: (m) => m.pushList([]), //                                           EMPTY_LIST
  108: (m) => m.pushList(m.popToMark()), //                               LIST
  97: (m) => m.append(m.popSeveral(1)), //                                APPEND
  101: (m) => m.append(m.popToMark()), //                                 APPENDS
  143: (m) => m.pushInert('set'), //                                      EMPTY_SET
  144: (m) => m.append(m.popToMark()), //                                 ADDITEMS
  145: (m) => m.frozenSet(m.popToMark()), //                              FROZENSET
  113: (m) => m.put(m.uint8()), //                                        BINPUT
  114: (m) => m.put(m.uint32()), //                                       LONG_BINPUT
  112: (m) => m.put(m.index()), //                                        PUT
  148: (m) => m.memoize(), //                                             MEMOIZE
  104: (m) => m.get(m.uint8()), //                                        BINGET
  106: (m) => m.get(m.uint32()), //                                       LONG_BINGET
  103: (m) => m.get(m.index()), //                                        GET
  81: (m) => m.persistent(m.pop()), //                                    BINPERSID
  80: (m) => m.persistent(m.line()), //                                   PERSID
  82: (m) => m.call(m.popSeveral(2)), //                                  REDUCE: a function and its arguments
  129: (m) => m.call(m.popSeveral(2)), //                                 NEWOBJ: a class and its arguments
  146: (m) => m.call(m.popSeveral(3)), //                                 NEWOBJ_EX: and arguments by name
  105: (m) => m.instance(m.globalOf(m.line(), m.line())), //              INST: a class; its arguments lie above the mark
  111: (m) => m.instance(), //                                            OBJ: above the mark, a class and its arguments
  98: (m) => m.build(), //                                                BUILD
};

/** The names of the others, which refer to what no file can hold by itself. */
export const opcodeNames: Readonly<Record<number, string>> = {
  130: 'EXT1',
  131: 'EXT2',
  132: 'EXT4',
  151: 'NEXT_BUFFER',
  152: 'READONLY_BUFFER',
};
