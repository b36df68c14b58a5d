/** Lines of text that belong together, as ranges of the file without the marks of a comment. */
export type Block = readonly (readonly [start: number, end: number])[]
