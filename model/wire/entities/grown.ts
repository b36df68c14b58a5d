/** Copies the values into a larger array and returns it. */
export function grown<Values extends Int32Array | Uint32Array | Float64Array>(from: Values, into: Values): Values {
  into.set(from)
  return into
}
