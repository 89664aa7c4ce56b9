/** What stands in place of a secret. */
export const mask = '***';

/** Text without the user and password of the addresses in it. */
export const withoutPasswords = (text: string): string => text.replace(/([/\\]{2})[^\s/\\?#]*@/g, `$1${mask}@`);
