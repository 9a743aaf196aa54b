// A server from Maven Central, where there are Maven and Java. Maven keeps what it downloads in its own repository
// and takes mirrors and proxies from its own settings.
import { execFile, spawn } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, moreSettings, newPassword, startTimeout, untilReady } from './ready.mjs'

const call = promisify(execFile)

/** The newest of the 5.26 line when this was written: Neo4j's long-term line, which runs on Java 17 and 21. */
const VERSION = '5.26.30'
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath'

/** The class that is the server: it was renamed after the 5 line. */
const mainOf = version =>
  `org.neo4j.server.${version.startsWith('5.') ? 'CommunityEntryPoint' : 'Neo4jCommunity'}`

/** Options that Neo4j's own start script passes to Java 17. */
const JAVA_OPTIONS = [
  ...['-Xms256m', '-Xmx512m', '-XX:+UseG1GC', '-Dfile.encoding=UTF-8', '-Dlog4j2.disable.jmx=true'],
  '-Dio.netty.tryReflectionSetAccessible=true',
  ...['java.io', 'java.nio', 'java.util.concurrent', 'sun.nio.ch'].flatMap(name => [
    '--add-opens',
    `java.base/${name}=ALL-UNNAMED`,
  ]),
]

const pom = version => `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId>
  <artifactId>neo4j-for-tests</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>${version}</version></dependency>
    <dependency><groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>${version}</version></dependency>
  </dependencies>
</project>
`

const configuration = (bolt, web, more) => `server.default_listen_address=127.0.0.1
server.default_advertised_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:${bolt}
server.bolt.advertised_address=127.0.0.1:${bolt}
server.http.listen_address=127.0.0.1:${web}
server.http.advertised_address=127.0.0.1:${web}
server.https.enabled=false
server.memory.pagecache.size=64m
dbms.usage_report.enabled=false
${more.join('\n')}
`

/** Major version of the Java that would be used, 0 when there is none. */
const javaVersion = async java => {
  try {
    const { stderr, stdout } = await call(java, ['-version'], { timeout: 120_000 })
    const [, major = '0'] = /version "(\d+)/.exec(stderr + stdout) ?? []
    return Number(major)
  } catch {
    return 0
  }
}

const classpath = async (folder, version) => {
  writeFileSync(join(folder, 'pom.xml'), pom(version))
  const output = join(folder, 'classpath')
  const resolve = (...more) =>
    call('mvn', ['-B', '-q', ...more, '-f', join(folder, 'pom.xml'), PLUGIN, `-Dmdep.outputFile=${output}`], {
      timeout: 600_000,
    })
  // Nothing is asked of the network when everything is there already.
  await resolve('-o').catch(() => resolve())
  return readFileSync(output, 'utf8').trim()
}

/** Prepares a server of NEO4J_VERSION, default 5.26.30, in a temporary folder. */
export const fromMaven = async (env, say, undo) => {
  const java = env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', 'java') : 'java'
  const version = env.NEO4J_VERSION || VERSION
  const [found, maven] = [await javaVersion(java), await call('mvn', ['-v']).catch(() => undefined)]
  if (maven === undefined) return { reason: 'Maven (mvn) is not installed.' }
  if (found < 17) return { reason: `Java 17 or 21 is needed, ${found === 0 ? 'none' : found} was found.` }

  const home = mkdtempSync(join(tmpdir(), 'neo4j-'))
  undo(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
  const log = join(home, 'console.log')
  const password = newPassword()
  const [bolt, web] = [await freePort(), await freePort()]
  let jars
  try {
    say(`starting Neo4j ${version} from Maven; the first time, it is downloaded (about 125 MB)`)
    jars = await classpath(home, version)
    mkdirSync(join(home, 'conf'))
    writeFileSync(join(home, 'conf', 'neo4j.conf'), configuration(bolt, web, moreSettings(env)))
    const where = { ...env, NEO4J_HOME: home, NEO4J_CONF: join(home, 'conf') }
    const admin = ['-cp', jars, `-Dbasedir=${home}`, 'org.neo4j.server.startup.Neo4jAdminCommand']
    await call(java, [...admin, 'dbms', 'set-initial-password', password], { env: where, timeout: 300_000 })
  } catch (error) {
    const said = String(error.stdout || error.stderr || error.message).trim()
    return {
      reason: `Maven and Java are there, but Neo4j ${version} could not be prepared: ${said.slice(-2000)}`,
    }
  }

  let running
  const kill = async () => {
    const ended = running
    if (ended === undefined) return
    ended.process.kill('SIGKILL')
    await ended.over
  }
  // Its data is thrown away, so it need not end in order.
  undo(kill)
  const server = {
    what: `Neo4j ${version} from Maven`,
    uri: `bolt://127.0.0.1:${bolt}`,
    http: `http://127.0.0.1:${web}`,
    username: 'neo4j',
    password,
    database: 'neo4j',
    start: async () => {
      if (running !== undefined) return
      const output = openSync(log, 'a')
      const main = [mainOf(version), `--home-dir=${home}`, `--config-dir=${join(home, 'conf')}`]
      const child = spawn(java, [...JAVA_OPTIONS, '-cp', jars, ...main], {
        stdio: ['ignore', output, output],
      })
      closeSync(output)
      const over = new Promise(resolve => {
        for (const end of ['exit', 'error'])
          child.once(end, () => {
            running = undefined
            resolve()
          })
      })
      running = { process: child, over }
      try {
        await untilReady(server, () => running !== undefined, startTimeout(env))
      } catch (error) {
        throw new Error(`${error.message}\n${readFileSync(log, 'utf8').split('\n').slice(-40).join('\n')}`)
      }
    },
    kill,
  }
  return { server }
}
