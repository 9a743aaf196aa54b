import type { Vendor } from './vendor.ts'
import { github } from './vendors/github.ts'
import { jira } from './vendors/jira.ts'
import { linear } from './vendors/linear.ts'
import { neo4j } from './vendors/neo4j.ts'
import { opsera } from './vendors/opsera.ts'
import { slack } from './vendors/slack.ts'

/** The vendors' own tools, as data. Names and arguments change within months: each is compared with the tools of the host. */
export const VENDORS: Readonly<Record<string, Vendor>> = { linear, jira, github, slack, neo4j, opsera }
