package console

import (
	"net/http"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// The schema tree, as GET /console/api/schema answers it: what the principal
// may see, in order of names; columns in the order SELECT * shows them.
type (
	treeKeyspace struct {
		Name   string      `json:"name"`
		System bool        `json:"system"`
		Tables []treeTable `json:"tables"`
		Types  []treeType  `json:"types"`
	}
	treeTable struct {
		Name    string       `json:"name"`
		Columns []treeColumn `json:"columns"`
		Indexes []treeIndex  `json:"indexes"`
	}
	treeColumn struct {
		Name string `json:"name"`
		Type string `json:"type"`
		Kind string `json:"kind"`
	}
	treeIndex struct {
		Name   string `json:"name"`
		Target string `json:"target"`
	}
	treeType struct {
		Name   string       `json:"name"`
		Fields []treeColumn `json:"fields"`
	}
)

// schema is GET /console/api/schema.
func (h *Handler) schema(w http.ResponseWriter, _ *http.Request, p Principal) error {
	out := []treeKeyspace{}
	snapshot := h.options.Backend.Schema()
	for _, ks := range snapshot.InOrder() {
		if p.Visible(ks.Name, "") {
			out = append(out, tree(ks, p))
		}
	}
	h.respond(w, http.StatusOK, map[string]any{"version": snapshot.Version, "keyspaces": out})
	return nil
}

func tree(ks *schema.Keyspace, p Principal) treeKeyspace {
	k := treeKeyspace{Name: ks.Name, System: ks.System || ks.Virtual, Tables: []treeTable{}, Types: []treeType{}}
	for _, t := range ks.TablesInOrder() {
		if !p.Visible(ks.Name, t.Name) {
			continue
		}
		table := treeTable{Name: t.Name, Columns: []treeColumn{}, Indexes: []treeIndex{}}
		for _, c := range t.InOrder() {
			table.Columns = append(table.Columns, treeColumn{c.Name, c.Type.String(), c.Kind.String()})
		}
		for _, ix := range t.IndexesInOrder() {
			table.Indexes = append(table.Indexes, treeIndex{ix.Name, ix.Options["target"]})
		}
		k.Tables = append(k.Tables, table)
	}
	for _, t := range ks.TypesInOrder() {
		k.Types = append(k.Types, treeType{t.Name, fieldsOf(t)})
	}
	return k
}

func fieldsOf(t *cqltype.Type) []treeColumn {
	fields := []treeColumn{}
	for i, name := range t.FieldNames {
		fields = append(fields, treeColumn{Name: name, Type: t.Elems[i].String(), Kind: "field"})
	}
	return fields
}
