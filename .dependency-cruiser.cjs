// Turns the room table into rules with a way out in each message. Run by `npm run rooms`.
const { rooms } = require('./src/rooms.cjs')

const names = Object.keys(rooms)
const inside = (room) => `^src/${room}/`
const tests = '\\.(test|suite|bench)\\.ts$|/testing(/|\\.ts$)'

const walls = names.map((room) => {
  const allowed = rooms[room]
  return {
    name: `wall-of-${room.replace('/', '-')}`,
    comment:
      `${room} may import ${allowed.length ? allowed.join(', ') : 'no other room'}. ` +
      'Enter another room through its index.ts. Way out: move the code to the room that owns the noun, pass it in as an argument, or change src/rooms.cjs and ARCHITECTURE.md together and say why in a decision record.',
    severity: 'error',
    from: { path: inside(room), pathNot: tests },
    to: { path: '^src/', pathNot: [inside(room), ...allowed.map((other) => `^src/${other}/index\\.ts$`)] },
  }
})

module.exports = {
  forbidden: [
    ...walls,
    {
      name: 'no-circles',
      comment: 'Files must not import each other in a circle. Way out: give the shared noun a file of its own.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      comment: 'The import leads nowhere. Way out: fix the path, or add the package to package.json.',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-package',
      comment:
        'The product may not need a development package. Way out: move it to "dependencies", or load it by configuration and name it as an optional peer.',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
}
