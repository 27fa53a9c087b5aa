import Type, { type TNumber, type TBoolean, type TSchema, type TProperties } from 'typebox'

/** The spelling of an option: a sentence, a default, a unit and a range. Nothing is an option without all four. */
export const amount = (description: string, unit: string, value: number, minimum: number, maximum: number): TNumber =>
  Type.Number({ description, unit, default: value, minimum, maximum })

export const whole = (description: string, unit: string, value: number, minimum: number, maximum: number) =>
  Type.Integer({ description, unit, default: value, minimum, maximum })

export const flag = (description: string, value: boolean): TBoolean => Type.Boolean({ description, default: value })

export const words = (description: string, value: readonly string[]) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { description, default: [...value] })

/** The name of a model in the registry. */
export const modelName = (description: string, value: string) =>
  Type.String({ description, unit: 'model', default: value, pattern: '^[a-z][a-z0-9-]{0,63}$' })

export const choice = <const T extends string>(description: string, value: NoInfer<T>, options: readonly T[]) =>
  Type.Enum(options, { description, default: value })

export const group = <P extends TProperties>(description: string, properties: P) =>
  Type.Object(properties, { description, default: {}, additionalProperties: false })

/** A table by name; `value` is the default table. */
export const table = <S extends TSchema>(description: string, schema: S, value: unknown) =>
  Type.Record(Type.String({ minLength: 1, maxLength: 64 }), schema, { description, default: value })
