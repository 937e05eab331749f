package ddl

import (
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// The options of vector indexes beside index.SimilarityOption
// (org.apache.cassandra.index.sai.disk.v1.IndexWriterConfig).
const (
	nodeConnections = "maximum_node_connections"
	beamWidth       = "construction_beam_width"
	optimizeFor     = "optimize_for"
)

// customParameters is the property without which Cassandra takes no parameters
// of the graph, which there is none of here.
const customParameters = "SAI_VECTOR_ALLOW_CUSTOM_PARAMETERS"

// vectorWarning comes with each change of the indexes of a table that has one
// of vectors.
const vectorWarning = `SAI ANN indexes on vector columns are experimental and are not recommended for production use.
They don't yet support SELECT queries with:
 * Consistency level higher than ONE/LOCAL_ONE.
 * Paging.
 * No LIMIT clauses.
 * PER PARTITION LIMIT clauses.
 * GROUP BY clauses.
 * Aggregation functions.
 * Filters on columns without a SAI index.`

// checkVectorOptions is IndexWriterConfig.fromOptions.
func checkVectorOptions(ix *schema.Index, terms []*cqltype.Type) error {
	if givenOptions(ix, vectorOptions) != "" && terms[0].Kind != cqltype.Vector {
		return cqlerr.Invalidf("CQL type %s cannot have vector options", termText(terms))
	}
	if _, ok := ix.Options[nodeConnections]; ok {
		return cqlerr.Invalidf("Maximum node connections cannot be set without enabling %s", customParameters)
	}
	if _, ok := ix.Options[beamWidth]; ok {
		return cqlerr.Invalidf("Construction beam width cannot be set without enabling %s", customParameters)
	}
	similarities := []string{index.Euclidean, index.DotProduct, index.Cosine}
	if value, ok := ix.Options[index.SimilarityOption]; ok && !slices.Contains(similarities, strings.ToUpper(value)) {
		return cqlerr.Invalidf("Similarity function %s was not recognized for index null. Valid values are: %s",
			strings.ToUpper(value), strings.Join(similarities, ", "))
	}
	purposes := []string{"LATENCY", "RECALL"}
	if value, ok := ix.Options[optimizeFor]; ok && !slices.Contains(purposes, strings.ToUpper(value)) {
		return cqlerr.Invalidf("optimize_for '%s' was not recognized for index null. Valid values are: %s",
			strings.ToUpper(value), strings.Join(purposes, ", "))
	}
	return nil
}

// checkVectorType refuses vectors that can't be ordered.
func checkVectorType(ix *schema.Index, terms []*cqltype.Type) error {
	t := terms[0]
	if len(terms) > 1 || t.Kind != cqltype.Vector {
		return nil
	}
	if t.Elems[0].Kind != cqltype.Float {
		return cqlerr.Invalidf("SAI ANN indexes are only allowed on vector columns with float elements")
	}
	similarity := strings.ToUpper(ix.Options[index.SimilarityOption])
	if t.Dimension == 1 && (similarity == "" || similarity == index.Cosine) {
		return cqlerr.Invalidf("Cosine similarity is not supported for single-dimension vectors")
	}
	return nil
}

// vectorWarnings returns the warnings of a change of t's indexes: one for each
// index of vectors that t has, the new one among them.
func vectorWarnings(t *schema.Table) (warnings []string) {
	for _, ix := range t.Indexes {
		c := t.Columns[ix.Column]
		if ix.IsSAI() && c != nil && saiTerms(c.Type, ix.Target)[0].Kind == cqltype.Vector {
			warnings = append(warnings, vectorWarning)
		}
	}
	return warnings
}
