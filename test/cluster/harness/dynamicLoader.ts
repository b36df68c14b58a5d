import { readFileSync } from 'node:fs'

/** Type of the program header that names the dynamic loader. */
const PT_INTERP = 3
/** The number at the start of each ELF file. */
const ELF = 0x7f454c46

/** The dynamic loader that a 64-bit ELF program needs; undefined for a static program and for other files. In a chroot without it, the program does not start. */
export function dynamicLoaderOf(file: string): string | undefined {
  const bytes = readFileSync(file)
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== ELF) return undefined
  const [headers, size, count] = [Number(bytes.readBigUInt64LE(0x20)), bytes.readUInt16LE(0x36), bytes.readUInt16LE(0x38)]
  for (let at = headers; at < headers + size * count; at += size) {
    if (bytes.readUInt32LE(at) !== PT_INTERP) continue
    const [offset, length] = [Number(bytes.readBigUInt64LE(at + 8)), Number(bytes.readBigUInt64LE(at + 32))]
    return bytes.toString('latin1', offset, offset + length).replace('\0', '')
  }
  return undefined
}
