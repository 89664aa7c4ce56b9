/** Okabe & Ito's colours, which people who confuse red and green tell apart; black and yellow left out. */
export const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7f7f7f'] as const;
