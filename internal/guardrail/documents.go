package guardrail

import (
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// collectionDepth is how many clustering columns a collection of documents has.
const collectionDepth = 64

// isDocuments reports whether a table with this key is a collection of the
// Document API: its columns and indexes are always the same, more than Astra lets
// others have, and so Astra's limits on their number did not count there.
func isDocuments(partition, clustering []string) bool {
	if len(partition) != 1 || partition[0] != "key" || len(clustering) != collectionDepth {
		return false
	}
	for i, name := range clustering {
		if name != "p"+strconv.Itoa(i) {
			return false
		}
	}
	return true
}

func isDocumentsTable(t *schema.Table) bool {
	return isDocuments(columnNames(t.PartitionKey), columnNames(t.Clustering))
}

func columnNames(columns []*schema.Column) []string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name
	}
	return list
}
