package ddl

import (
	"cmp"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/index"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// maxCustomColumn is the longest name of a column that a custom index takes.
const maxCustomColumn = schema.MaxKeyspaceName

func checkCustomColumn(name string) error {
	if !schema.IsWord(name) {
		return cqlerr.Invalidf("Column '%s' contains non-alphanumeric-underscore characters", name)
	}
	if len(name) > maxCustomColumn {
		return cqlerr.Invalidf("Column '%s' is longer than the permissible name length of %d characters", name, maxCustomColumn)
	}
	return nil
}

// checkIndex checks an index that is about to be added to t (IndexMetadata.validate).
func checkIndex(ix *schema.Index, t *schema.Table) error {
	if !schema.IsWord(ix.Name) {
		return cqlerr.Configf("Illegal index name %s", ix.Name)
	}
	if ix.Kind != schema.CustomIndex {
		return nil
	}
	if !ix.IsSAI() {
		return cqlerr.Configf("Unable to find custom indexer class '%s'", ix.Options[schema.IndexClassOption])
	}
	return checkSAI(ix, t)
}

// The options of SAI: those of vectors, and those of the analyzer of texts.
var (
	vectorOptions   = []string{nodeConnections, beamWidth, index.SimilarityOption, optimizeFor}
	analyzerOptions = []string{index.CaseSensitive, index.Normalize, index.ASCII}
)

// checkSAI is StorageAttachedIndex.validateOptions.
func checkSAI(ix *schema.Index, t *schema.Table) error {
	target := ix.Options[schema.IndexTargetOption]
	single := !strings.Contains(target, ",")
	for _, other := range t.Indexes {
		if single && other.Kind == schema.CustomIndex && other.Column == ix.Column && other.Target == ix.Target {
			return cqlerr.Invalidf("Cannot create more than one storage-attached index on the same column: %s", ix.Column)
		}
	}
	var unknown []string
	for name := range ix.Options {
		if name != schema.IndexClassOption && name != schema.IndexTargetOption &&
			!slices.Contains(vectorOptions, name) && !slices.Contains(analyzerOptions, name) {
			unknown = append(unknown, name)
		}
	}
	if unknown != nil {
		sortAsJava(unknown)
		return cqlerr.Configf("Properties specified [%s] are not understood by StorageAttachedIndex", strings.Join(unknown, ", "))
	}
	if !single {
		return cqlerr.Invalidf("A storage-attached index cannot be created over multiple columns: %s", target)
	}
	c := t.Columns[ix.Column]
	if c == nil {
		return cqlerr.Invalidf("Failed to retrieve target column for: %s", target)
	}
	return checkSAITerm(ix, c)
}

func checkSAITerm(ix *schema.Index, c *schema.Column) error {
	terms := saiTerms(c.Type, ix.Target)
	if given := givenOptions(ix, analyzerOptions); given != "" {
		if c.Kind == schema.PartitionKey || c.Kind == schema.Clustering {
			return cqlerr.Invalidf("Analysis options are not supported on primary key columns, but found {%s}", given)
		}
		if len(terms) > 1 || terms[0].Kind != cqltype.Text && terms[0].Kind != cqltype.Ascii {
			return cqlerr.Invalidf("CQL type %s cannot be analyzed.", termText(terms))
		}
	}
	if err := checkAnalyzer(ix); err != nil {
		return err
	}
	if err := checkVectorOptions(ix, terms); err != nil {
		return err
	}
	for _, t := range terms {
		if !isSAIType(t) {
			return cqlerr.Invalidf("Unsupported type: %s", t)
		}
	}
	return checkVectorType(ix, terms)
}

// termText is the type of what an index compares, as errors name it.
func termText(terms []*cqltype.Type) string {
	if len(terms) == 1 {
		return terms[0].String()
	}
	return "'org.apache.cassandra.db.marshal.CompositeType(" + terms[0].ClassName() + "," + terms[1].ClassName() + ")'"
}

// saiTerms returns the types of what an index compares: of an entry its key
// and value.
func saiTerms(t *cqltype.Type, target schema.IndexTarget) []*cqltype.Type {
	switch {
	case !t.IsMultiCell() || !t.IsCollection():
		return []*cqltype.Type{t}
	case target == schema.TargetKeys:
		return t.Elems[:1]
	case target == schema.TargetEntries:
		return t.Elems
	}
	return t.Elems[len(t.Elems)-1:]
}

// isSAIType reports whether SAI compares values of t
// (StorageAttachedIndex.SUPPORTED_TYPES, and everything frozen).
func isSAIType(t *cqltype.Type) bool {
	switch t.Kind {
	case cqltype.Blob, cqltype.Counter, cqltype.Duration, cqltype.Custom, cqltype.Empty:
		return false
	}
	return !t.IsMultiCell()
}

// checkAnalyzer checks the options of the analyzer (NonTokenizingOptions.fromMap).
func checkAnalyzer(ix *schema.Index) error {
	for _, name := range analyzerOptions {
		value, ok := ix.Options[name]
		switch {
		case !ok || strings.EqualFold(value, "true") || strings.EqualFold(value, "false"):
		case value == "":
			return cqlerr.Invalidf("Empty value for boolean option '%s'", name)
		default:
			return cqlerr.Invalidf("Illegal value for boolean option '%s': %s", name, value)
		}
	}
	return nil
}

// givenOptions lists those of names that the index has, as a map in CQL
// without its braces.
func givenOptions(ix *schema.Index, names []string) string {
	var given []string
	for _, name := range slices.Sorted(slices.Values(names)) {
		if value, ok := ix.Options[name]; ok {
			given = append(given, "'"+name+"': '"+value+"'")
		}
	}
	return strings.Join(given, ", ")
}

// sortAsJava sorts names as a java.util.HashMap made for two of them lists them.
func sortAsJava(names []string) {
	size := uint32(2)
	for float64(len(names)) > 0.75*float64(size) {
		size *= 2
	}
	slot := func(name string) uint32 {
		var h uint32
		for _, c := range name { // beyond the basic plane it is not quite this
			h = 31*h + uint32(c)
		}
		return (h ^ h>>16) & (size - 1)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(slot(a), slot(b)), cmp.Compare(a, b)) })
}
