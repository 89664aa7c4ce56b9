import type { PickleMachine } from './pickleMachine.js';

/** The opcodes of Python's pickle (its pickletools), by their numbers. */

export const stop = 0x2e;

/** Those that protocols 2 to 5 write, and what each does. */
export const opcodes: Readonly<Record<number, (m: PickleMachine) => void>> = {
  128: (m) => m.protocol(m.uint8()), //                                PROTO
  149: (m) => m.skip(8), //                                            FRAME: how many bytes follow
  99: (m) => m.pushGlobal(m.line(), m.line()), //                      GLOBAL
  147: (m) => m.stackGlobal(m.popSeveral(2)), //                       STACK_GLOBAL
  88: (m) => m.push(m.text(m.uint32())), //                            BINUNICODE
  140: (m) => m.push(m.text(m.uint8())), //                            SHORT_BINUNICODE
  141: (m) => m.push(m.text(m.uint64())), //                           BINUNICODE8
  85: (m) => m.pushByteText(m.uint8()), //                             SHORT_BINSTRING
  84: (m) => m.pushByteText(m.uint32()), //                            BINSTRING
  67: (m) => m.pushBytes(m.uint8(), 'bytes'), //                       SHORT_BINBYTES
  66: (m) => m.pushBytes(m.uint32(), 'bytes'), //                      BINBYTES
  142: (m) => m.pushBytes(m.uint64(), 'bytes'), //                     BINBYTES8
  150: (m) => m.pushBytes(m.uint64(), 'bytearray'), //                 BYTEARRAY8
  74: (m) => m.push(m.int32()), //                                     BININT
  75: (m) => m.push(m.uint8()), //                                     BININT1
  77: (m) => m.push(m.uint16()), //                                    BININT2
  138: (m) => m.push(m.long(m.uint8())), //                            LONG1
  139: (m) => m.skipped(m.uint32(), 'int'), //                         LONG4: of 2048 bits and more
  71: (m) => m.push(m.float64()), //                                   BINFLOAT
  78: (m) => m.push(null), //                                          NONE
  136: (m) => m.push(true), //                                         NEWTRUE
  137: (m) => m.push(false), //                                        NEWFALSE
  40: (m) => m.mark(), //                                              MARK
  48: (m) => m.drop(), //                                              POP
  49: (m) => m.popToMark(), //                                         POP_MARK
  41: (m) => m.pushList([]), //                                        EMPTY_TUPLE
  133: (m) => m.pushList(m.popSeveral(1)), //                          TUPLE1
  134: (m) => m.pushList(m.popSeveral(2)), //                          TUPLE2
  135: (m) => m.pushList(m.popSeveral(3)), //                          TUPLE3
  116: (m) => m.pushList(m.popToMark()), //                            TUPLE
  125: (m) => m.pushDict(), //                                         EMPTY_DICT
  115: (m) => m.setItems(m.popSeveral(2)), //                          SETITEM
  117: (m) => m.setItems(m.popToMark()), //                            SETITEMS
  93: (m) => m.pushList([]), //                                        EMPTY_LIST
  97: (m) => m.append(m.popSeveral(1)), //                             APPEND
  101: (m) => m.append(m.popToMark()), //                              APPENDS
  143: (m) => m.pushInert('set'), //                                   EMPTY_SET
  144: (m) => m.append(m.popToMark()), //                              ADDITEMS
  145: (m) => m.frozenSet(m.popToMark()), //                           FROZENSET
  113: (m) => m.put(m.uint8()), //                                     BINPUT
  114: (m) => m.put(m.uint32()), //                                    LONG_BINPUT
  148: (m) => m.memoize(), //                                          MEMOIZE
  104: (m) => m.get(m.uint8()), //                                     BINGET
  106: (m) => m.get(m.uint32()), //                                    LONG_BINGET
  81: (m) => m.persistent(m.pop()), //                                 BINPERSID
  82: (m) => m.call(m.popSeveral(2)), //                               REDUCE: a function and its arguments
  129: (m) => m.call(m.popSeveral(2)), //                              NEWOBJ: a class and its arguments
  146: (m) => m.call(m.popSeveral(3)), //                              NEWOBJ_EX: and arguments by name
  98: (m) => m.build(), //                                             BUILD
};

/** The names of the others: of protocols 0 and 1, and of what no file can hold by itself. */
export const opcodeNames: Readonly<Record<number, string>> = {
  50: 'DUP',
  70: 'FLOAT',
  73: 'INT',
  76: 'LONG',
  80: 'PERSID',
  83: 'STRING',
  86: 'UNICODE',
  100: 'DICT',
  103: 'GET',
  105: 'INST',
  108: 'LIST',
  111: 'OBJ',
  112: 'PUT',
  130: 'EXT1',
  131: 'EXT2',
  132: 'EXT4',
  151: 'NEXT_BUFFER',
  152: 'READONLY_BUFFER',
};
