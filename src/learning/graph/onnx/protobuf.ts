/**
 * The part of the protocol-buffer wire format that ONNX needs. A message is a row of fields, each led by a varint
 * (number << 3 | kind); kinds: 0 varint, 2 length and bytes, 5 four bytes. https://protobuf.dev/programming-guides/encoding
 */
export class Message {
  private readonly parts: Uint8Array[] = []

  /** A whole number; negative ones as 64-bit two's complement. */
  int(field: number, value: number): this {
    return this.put(varint(field * 8), varint(value))
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setFloat32(0, value, true)
    return this.put(varint(field * 8 + 5), bytes)
  }

  bytes(field: number, value: Uint8Array): this {
    return this.put(varint(field * 8 + 2), varint(value.length), value)
  }

  text(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, 'utf8'))
  }

  /** A list of whole numbers, packed. */
  ints(field: number, values: readonly number[]): this {
    return this.bytes(field, Buffer.concat(values.map(varint)))
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish())
  }

  finish(): Uint8Array {
    return Buffer.concat(this.parts)
  }

  private put(...parts: Uint8Array[]): this {
    this.parts.push(...parts)
    return this
  }
}

/** Seven bits a byte, lowest first; the top bit says that more follow. */
function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}
