// A server that runs already, named by NEO4J_URI.
import { listens } from './ready.mjs'

const BOLT = /^(bolt|neo4j)(\+s|\+ssc)?:\/\//

/** The server of NEO4J_URI (Bolt) and NEO4J_HTTP, with NEO4J_USERNAME, NEO4J_PASSWORD and NEO4J_DATABASE. */
export const readNamed = async (env, say) => {
  const uri = env.NEO4J_URI ?? ''
  if (uri === '') return { reason: 'NEO4J_URI is not set.' }
  if (!BOLT.test(uri))
    throw new Error(`NEO4J_URI is "${uri}": give the Bolt address, such as bolt://localhost:7687.`)
  if (!env.NEO4J_PASSWORD) throw new Error('NEO4J_URI is set but NEO4J_PASSWORD is not.')
  const { hostname } = new URL(uri)
  const http = env.NEO4J_HTTP || ((await listens(hostname, 7474)) ? `http://${hostname}:7474` : undefined)
  if (http === undefined)
    say('no HTTP address of this server is known: tests of the Query API are left out (set NEO4J_HTTP).')
  return {
    server: {
      what: 'the Neo4j of NEO4J_URI',
      uri,
      http,
      username: env.NEO4J_USERNAME || 'neo4j',
      password: env.NEO4J_PASSWORD,
      database: env.NEO4J_DATABASE || 'neo4j',
      start: async () => {},
    },
  }
}
