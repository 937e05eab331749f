package rest

import (
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/gateway/rest/cell"
)

// keyPath returns the part of the path that holds the key values, still
// escaped: an escaped slash belongs to a value. Before it are /v2, /keyspaces,
// the keyspace and the table.
func (c *call) keyPath() string {
	path := strings.TrimPrefix(c.r.URL.EscapedPath(), bases[1])
	for range 4 {
		path = path[strings.IndexByte(path[1:], '/')+1:]
	}
	return path[1:]
}

// keyValues appends the key values of the path to c.values and returns how many
// there are.
func (c *call) keyValues(t *table) (int, error) {
	path, n := c.keyPath(), 0
	total := strings.Count(path, "/") + 1
	if partition := len(t.def.PartitionKey); total < partition {
		return 0, badRequest("Number of key values provided (%d) less than number of partition keys (%d)", total, partition)
	} else if total > t.keys {
		return 0, badRequest("Number of key values provided (%d) exceeds number of partition keys (%d) and clustering keys (%d)",
			total, partition, t.keys-partition)
	}
	for ; n < total; n++ {
		var segment string
		segment, path, _ = strings.Cut(path, "/")
		value, err := c.keyValue(t, n, segment)
		if err != nil {
			return 0, err
		}
		c.values = append(c.values, backend.Value{Bytes: value})
	}
	return total, nil
}

func (c *call) keyValue(t *table, column int, segment string) ([]byte, error) {
	text, err := url.PathUnescape(segment)
	if err != nil || !utf8.ValidString(text) {
		return nil, badRequest("key value %d is not UTF-8 in percent-encoding", column+1)
	}
	start := len(c.decode.Buf)
	c.decode.Buf = append(c.decode.Buf, text...)
	value, err := c.decode.Stringified(t.columns[column].Type, c.decode.Buf[start:])
	if errors.Is(err, cell.ErrUnmappable) {
		return nil, unmappable(len(c.values))
	}
	if err != nil {
		return nil, t.field(column, "", err)
	}
	return value, nil
}

// keyRelations makes `key = ?` for the first n columns, with bind markers from
// first on.
func (t *table) keyRelations(n, first int) []cql.Relation {
	relations := make([]cql.Relation, n)
	for i := range relations {
		relations[i] = cql.Relation{Columns: []string{t.columns[i].Name}, Op: cql.Eq, Value: &cql.BindMarker{Index: first + i}}
	}
	return relations
}
