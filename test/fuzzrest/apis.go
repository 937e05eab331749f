package main

// api is one API and what its calls are made of.
type api struct {
	name string
	// document is where its OpenAPI document is.
	document string
	// prepare are the path and body of the POSTs that make what the document's
	// examples name.
	prepare [][2]string
	// names are values of parameters: of what there is, beside one of nothing.
	names map[string][]string
	// ending are the operations that end what there is.
	ending []string
}

var apis = []api{
	{
		name: "rest", document: "/api/rest/openapi?format=json",
		prepare: [][2]string{
			{"/v2/schemas/keyspaces", `{"name":"shop"}`},
			{"/v2/schemas/keyspaces/shop/tables", `{"name":"orders","columnDefinitions":[{"name":"customer","typeDefinition":"text"},{"name":"number","typeDefinition":"int"},
				{"name":"note","typeDefinition":"text"},{"name":"total","typeDefinition":"decimal"},{"name":"items","typeDefinition":"map<text,int>"}],
				"primaryKey":{"partitionKey":["customer"],"clusteringKey":["number"]}}`},
			{"/v2/schemas/keyspaces/shop/types", `{"name":"address","fields":[{"name":"street","typeDefinition":"text"}]}`},
			{"/v2/schemas/keyspaces/shop/tables/orders/indexes", `{"column":"note"}`},
			{"/v2/keyspaces/shop/orders", `{"customer":"ada","number":1,"note":"gift","total":"12.50","items":{"tea":2}}`},
		},
		names: map[string][]string{
			"keyspace": {"shop", "system", "nope"}, "table": {"orders", "nope"}, "column": {"note", "total", "items", "customer", "nope"},
			"index": {"orders_note_idx", "nope"}, "type": {"address", "nope"}, "key": {"ada", "eve", "ada/1", "ada/x"}, "keyV1": {"ada", "eve", "ada;1", "ada;x"},
			"where":  {`{"customer":{"$eq":"ada"}}`, `{"customer":{"$in":["ada","eve"]},"number":{"$gte":0}}`, `{"note":{"$eq":"gift"}}`, `{"items":{"$containsKey":"tea"}}`, `{"x":1}`},
			"fields": {"total", "customer,items", "nope", ""}, "sort": {`{"number":"desc"}`, `{"total":"asc"}`, "x"},
			"if": {`{"note":{"$eq":null}}`, `{"total":{"$gt":1}}`, `{"note":{"$ne":"x"}}`, "{}"},
		},
		ending: []string{"dropKeyspace", "dropTable", "dropTableV1"},
	},
	{
		name: "document", document: "/api/docs/openapi?format=json",
		prepare: [][2]string{
			{"/v2/schemas/namespaces", `{"name":"library"}`},
			{"/v2/namespaces/library/collections", `{"name":"books"}`},
			{"/v2/namespaces/library/collections/books", `{"title":"Emma","pages":400,"tags":["novel"],"author":{"name":"Jane Austen"}}`},
		},
		names: map[string][]string{
			"namespace": {"library", "nope"}, "collection": {"books", "nope"}, "document": {"emma", "persuasion", "nope"},
			"path":   {"title", "author/name", "tags/[0]", "tags/[*]", "nope"},
			"where":  {`{"pages":{"$gt":100}}`, `{"author.name":{"$eq":"Jane Austen"}}`, `{"$or":[{"title":{"$in":["Emma"]}},{"pages":{"$exists":true}}]}`, `{"tags.[0]":{"$ne":"x"}}`, `{"x":1}`},
			"fields": {`["title"]`, `["author.name","pages"]`, "x"}, "idPath": {"title", "author.name", "nope"},
		},
		ending: []string{"deleteNamespace", "deleteCollection"},
	},
}
