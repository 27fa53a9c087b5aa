import Type from 'typebox'

/** Numbers by name. */
export const counts = (description: string) => Type.Record(Type.String(), Type.Number(), { description })
