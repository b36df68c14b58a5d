/** Palette of Okabe & Ito (2008): distinguishable with any colour vision. */
const palette = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8a7f00'] as const

export function copyColor(index: number): string {
  return palette[index % palette.length] ?? palette[0]
}

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
