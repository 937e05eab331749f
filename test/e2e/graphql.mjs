// The GraphQL API as its tools use it: graphql-js, on which GraphiQL and
// graphql-codegen rest, reads and checks the schema of each kind by
// introspection; and a person asks something on the playground page, by keyboard.
import assert from "node:assert/strict";
import { buildClientSchema, buildSchema, getIntrospectionQuery, parse, printSchema, validate, validateSchema } from "graphql";
import { launch, open, phone, token } from "./browser.mjs";

const site = `http://${process.env.HTTP}`;

async function ask(path, query, variables) {
  const answer = await fetch(site + path, {
    method: "POST", headers: { "X-Cassandra-Token": token, "Content-Type": "application/json" }, body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  assert.deepEqual(errors, undefined, `${path}: ${query}`);
  return data;
}

/** The schema at a path, as its tools see it; documents are some that it must take. */
async function introspect(path, ...documents) {
  const options = { descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: false };
  for (const query of [getIntrospectionQuery(), getIntrospectionQuery(options)]) {
    const schema = buildClientSchema(await ask(path, query));
    assert.deepEqual(validateSchema(schema), [], path);
    const text = printSchema(schema);
    assert.equal(printSchema(buildSchema(text)), text, `${path}: the schema can't be read as it is printed`);
    for (const document of documents) assert.deepEqual(validate(schema, parse(document)), [], document);
  }
}

const scalars = "ASCII BIGINT BLOB BOOLEAN DATE DECIMAL DOUBLE DURATION FLOAT INET INT SMALLINT TEXT TIME TIMESTAMP TIMEUUID TINYINT UUID VARINT".split(" ");
const nested = [
  "{ name: \"list\", type: { basic: LIST, info: { subTypes: [{ basic: INT }] } } }",
  "{ name: \"map\", type: { basic: MAP, info: { subTypes: [{ basic: TEXT }, { basic: UUID }] } } }",
  "{ name: \"tuple\", type: { basic: TUPLE, info: { subTypes: [{ basic: INT }, { basic: TEXT }] } } }",
  "{ name: \"udt\", type: { basic: UDT, info: { name: \"address\", frozen: true } } }",
];

async function schemas() {
  await introspect("/graphql-schema", "{ keyspaces { name dcs { name replicas } tables { name columns { name kind type { basic info { name } } } } } }");
  await introspect("/graphql-admin", "mutation ($s: String!) { deploySchema(keyspace: \"k\", schema: $s, dryRun: true) { version cqlChanges logs { message } } }");

  await ask("/graphql-schema", `mutation {
    a: createKeyspace(name: "shop", replicas: 1)
    b: createKeyspace(name: "empty", replicas: 1)
    c: createKeyspace(name: "first", replicas: 1)
  }`);
  await ask("/graphql-schema", "mutation { createType(keyspaceName: \"shop\", typeName: \"address\", fields: [{ name: \"street\", type: { basic: TEXT } }]) }");
  const values = scalars.map((type) => `{ name: "${type.toLowerCase()}", type: { basic: ${type} } }`).concat(nested).join(" ");
  await ask("/graphql-schema", `mutation { createTable(keyspaceName: "shop", tableName: "Things", partitionKeys: [{ name: "id", type: { basic: INT } }],
    clusteringKeys: [{ name: "at", type: { basic: INT }, order: "DESC" }], values: [${values}]) }`);
  await introspect("/graphql/shop",
    "query ($id: Int) { Things(value: { id: $id }, orderBy: [at_DESC], options: { pageSize: 10, consistency: LOCAL_ONE }) { pageState values { id list map { key value } udt { street } count: _bigint_function(name: \"count\", args: [\"id\"]) } } }",
    "mutation ($value: ThingsInput!) @atomic { insertThings(value: $value, ifNotExists: true, options: { ttl: 5 }) { applied value { id } } }");
  await introspect("/graphql/empty");

  await ask("/graphql-admin", "mutation ($s: String!) { deploySchema(keyspace: \"first\", schema: $s) { version } }", {
    s: `type Address @cql_entity(target: UDT) @cql_input { street: String }
      enum Mood { GOOD BAD }
      type User @key @cql_input { id: ID! name: String @cql_index home: Address moods: [String] }
      type Inserted @cql_payload { applied: Boolean user: User }
      type Page @cql_payload { data: [User] pagingState: String }
      type Query { user(id: ID!): User named(name: String, from: String @cql_pagingState): Page }
      type Mutation { insertUser(user: UserInput!): Inserted }`,
  });
  await introspect("/graphql/first", "{ user(id: \"x\") { name home { street } } _service { sdl } }", "mutation { insertUser(user: { name: \"n\" }) { applied user { id } } }");
  await introspect("/graphql/first", "query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { name } } }");
}

/** A person gives the token, asks by keyboard and sees the answer. */
async function playground() {
  const browser = await launch();
  try {
    const page = await open(browser);
    page.setDefaultTimeout(60000); // on a busy machine
    const elsewhere = [];
    page.on("request", (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(site)) elsewhere.push(request.url());
    });
    await page.goto(`${site}/playground`);
    await page.getByLabel("Token").fill(token);
    await page.locator(".graphiql-container").waitFor();
    await page.locator(".graphiql-query-editor, .graphiql-editor").first().click();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.insertText("{ keyspace(name: \"shop\") { tables { name } } }");
    await page.keyboard.press("ControlOrMeta+Enter");
    await page.locator(".result-window").getByText("\"Things\"").waitFor();
    assert.deepEqual(elsewhere, []);

    await page.setViewportSize(phone.viewport);
    const [query, answer] = await Promise.all([".graphiql-editors", ".graphiql-response"].map((part) => page.locator(part).boundingBox()));
    assert(answer.y >= query.y + query.height, "on a phone the answer is below the query");
    assert(query.width > 200, `on a phone the query has ${query.width} px`);
  } finally {
    await browser.close();
  }
}

await schemas();
await playground();
console.log("graphql: all checks passed");
