// Audits a running GraphQL endpoint against GraphQL over HTTP: 61 checks, one printed line per check that is not "ok".
//
// Needs Node and two packages; run it from a folder that has them, outside the checkout:
//
//   npm i graphql-http@1.23.1 graphql@16
//   cp .../tests/architecture/graphql_http_audit.mjs . && node graphql_http_audit.mjs http://127.0.0.1:8080/graphql
//
// With HEADWATER_AUDIT_TOKEN set, every request carries it as a bearer token. Exit code 1 unless every check is "ok"
// (warnings count as failures: Headwater's own view has none). The audits ask only for `__typename`, so any schema does.
//
// Source: https://github.com/graphql/graphql-http/blob/v1.23.1/implementations/README.md

import { auditServer } from "graphql-http";

const url = process.argv[2];
if (!url) {
  console.error("usage: node graphql_http_audit.mjs URL");
  process.exit(2);
}

const token = process.env.HEADWATER_AUDIT_TOKEN;
const fetchFn = token
  ? (target, options = {}) =>
      fetch(target, { ...options, headers: { ...options.headers, authorization: `Bearer ${token}` } })
  : fetch;

const results = await auditServer({ url, fetchFn });
const failed = results.filter((result) => result.status !== "ok");
for (const { status, id, name, reason } of failed) {
  console.log(`${status} ${id} ${name}: ${reason}`);
}
console.log(`${results.length - failed.length}/${results.length} ok`);
process.exit(failed.length === 0 && results.length > 0 ? 0 : 1);
