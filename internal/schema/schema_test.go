package schema

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// anyName draws names that need quotes and names that need none.
var anyName = rapid.OneOf(
	rapid.StringMatching(`[a-z][a-z0-9_]{0,8}`),
	rapid.SampledFrom([]string{"select", "Mixed", "a b", `q"q`, "1a", "é", "default", "it's"}),
)

var someScalars = []*cqltype.Type{
	cqltype.TypeAscii, cqltype.TypeBigint, cqltype.TypeBlob, cqltype.TypeBoolean, cqltype.TypeDate, cqltype.TypeDecimal,
	cqltype.TypeDuration, cqltype.TypeInet, cqltype.TypeText, cqltype.TypeTimeuuid, cqltype.TypeVarint,
}

// drawType draws a type as a column of k may have; frozen for one within another.
func drawType(t *rapid.T, k *Keyspace, depth int, frozen bool) *cqltype.Type {
	choice := rapid.IntRange(0, 7).Draw(t, "type")
	if depth == 0 {
		choice = 0
	}
	inner := func(frozen bool) *cqltype.Type { return drawType(t, k, depth-1, frozen) }
	frozen = frozen || rapid.Bool().Draw(t, "frozen")
	switch choice {
	case 1:
		return cqltype.NewList(inner(true), frozen)
	case 2:
		return cqltype.NewSet(inner(true), frozen)
	case 3:
		return cqltype.NewMap(inner(true), inner(true), frozen)
	case 4:
		return cqltype.NewTuple(inner(true), inner(true))
	case 5:
		return cqltype.NewVector(inner(true), rapid.IntRange(1, 5).Draw(t, "dimension"))
	case 6:
		if len(k.Types) > 0 {
			udt := k.Types[rapid.SampledFrom(sortedKeys(k.Types)).Draw(t, "udt")]
			if frozen {
				return udt.AsFrozen()
			}
			return udt
		}
	}
	return rapid.SampledFrom(someScalars).Draw(t, "scalar")
}

func drawKeyspace(t *rapid.T) *Keyspace {
	k := &Keyspace{
		Name: "ks", DurableWrites: rapid.Bool().Draw(t, "durable"), Tables: map[string]*Table{}, Types: map[string]*cqltype.Type{},
		Replication: map[string]string{"class": SimpleStrategy, "replication_factor": "1"},
	}
	for _, name := range rapid.SliceOfNDistinct(anyName, 0, 4, rapid.ID[string]).Draw(t, "types") {
		udt := &cqltype.Type{Kind: cqltype.UDT, Keyspace: k.Name, Name: name}
		for _, field := range rapid.SliceOfNDistinct(anyName, 1, 3, rapid.ID[string]).Draw(t, "fields") {
			udt.FieldNames = append(udt.FieldNames, field)
			udt.Elems = append(udt.Elems, drawType(t, k, 2, false).AsFrozen())
		}
		k.Types[name] = udt
	}
	return k
}

func drawTable(t *rapid.T, k *Keyspace) *Table {
	table := &Table{
		Keyspace: k.Name, Name: anyName.Draw(t, "table"), ID: uuid.New(), Storage: rapid.Uint32().Draw(t, "storage"),
		Options: DefaultOptions(), Indexes: map[string]*Index{}, Dropped: map[string]*DroppedColumn{}, NextColumn: 1,
	}
	table.Options.Comment = rapid.String().Draw(t, "comment")
	var columns []*Column
	positions := map[ColumnKind]int{}
	for i, name := range rapid.SliceOfNDistinct(anyName, 1, 8, rapid.ID[string]).Draw(t, "columns") {
		c := &Column{Keyspace: k.Name, Table: table.Name, Name: name, Type: drawType(t, k, 3, false)}
		if i > 0 {
			c.Kind = ColumnKind(rapid.IntRange(0, 3).Draw(t, "kind"))
		}
		if c.Kind == PartitionKey || c.Kind == Clustering {
			c.Type = c.Type.AsFrozen()
			c.Position = positions[c.Kind]
			positions[c.Kind]++
			c.Desc = c.Kind == Clustering && rapid.Bool().Draw(t, "desc")
		} else {
			c.Storage = table.NextColumn
			table.NextColumn++
		}
		columns = append(columns, c)
	}
	table = table.WithColumns(columns)
	if rapid.Bool().Draw(t, "dropped") {
		name := anyName.Draw(t, "dropped name")
		table.Dropped[name] = &DroppedColumn{Name: name, Kind: Static, Type: ExpandTypes(drawType(t, k, 3, false)), DroppedTime: 7}
	}
	if rapid.Bool().Draw(t, "index") {
		name := columns[0].Name
		table.Indexes[name] = &Index{Name: name, Column: name, Target: TargetKeys, Kind: CustomIndex, Options: map[string]string{"target": name}, Storage: 9, Format: 1}
	}
	return table
}

// TestEncode: what is stored reads as what it was.
func TestEncode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := drawKeyspace(t)
		data, err := EncodeKeyspace(k)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeKeyspace(data)
		if err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if diff := cmp.Diff(k, got); diff != "" {
			t.Fatalf("keyspace:\n%s", diff)
		}
		table := drawTable(t, k)
		if data, err = EncodeTable(table); err != nil {
			t.Fatal(err)
		}
		gotTable, err := DecodeTable(data, got)
		if err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if diff := cmp.Diff(table, gotTable); diff != "" {
			t.Fatalf("table:\n%s", diff)
		}
	})
}

// TestEdits: an edit shows in what it returns and nowhere else, and Diff finds
// it.
func TestEdits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := drawKeyspace(t)
		table := drawTable(t, k)
		before := NewSnapshot(k.WithTable(table))
		copied := NewSnapshot(k.WithTable(table))
		altered := table.WithOptions(DefaultOptions()).WithIndex(&Index{Name: "new"}).WithDropped(&DroppedColumn{Name: "gone"})
		steps := map[string]*Snapshot{
			"CREATED KEYSPACE other ":        before.WithKeyspace(&Keyspace{Name: "other"}),
			"DROPPED TABLE ks " + table.Name: before.WithKeyspace(k.WithoutTable(table.Name)),
			"UPDATED TABLE ks " + table.Name: before.WithKeyspace(k.WithTable(altered)),
			"UPDATED KEYSPACE ks ":           before.WithKeyspace(k.WithTable(table).WithReplication(map[string]string{"class": LocalStrategy}, true)),
			"CREATED TABLE ks new":           before.WithKeyspace(k.WithTable(table).WithTable(&Table{Keyspace: "ks", Name: "new"})),
			"CREATED TYPE ks new":            before.WithKeyspace(k.WithTable(table).WithType(&cqltype.Type{Kind: cqltype.UDT, Keyspace: "ks", Name: "new"})),
			"":                               before,
		}
		for want, after := range steps {
			if (after.Version == before.Version) != (want == "") {
				t.Errorf("%q: versions %v and %v", want, before.Version, after.Version)
			}
			var got []string
			for _, c := range Diff(before, after) {
				got = append(got, strings.Join([]string{string(c.Kind), c.Target, c.Keyspace, c.Name}, " "))
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("%q: got %q", want, got)
			}
		}
		copied.Version = before.Version
		if diff := cmp.Diff(copied, before); diff != "" {
			t.Errorf("an edit altered what it was given:\n%s", diff)
		}
	})
}

// TestAlteredType: every use of a type sees its new fields, frozen as it was.
func TestAlteredType(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := drawKeyspace(t)
		k = k.WithTable(drawTable(t, k))
		if len(k.Types) == 0 {
			return
		}
		old := k.Types[rapid.SampledFrom(slices.Sorted(maps.Keys(k.Types))).Draw(t, "altered")]
		altered := *old
		altered.FieldNames = append(slices.Clone(old.FieldNames), "added")
		altered.Elems = append(slices.Clone(old.Elems), cqltype.TypeInt)
		next := k.WithAlteredType(&altered)
		var check func(was, is *cqltype.Type)
		check = func(was, is *cqltype.Type) {
			want := len(was.FieldNames)
			if was.Kind == cqltype.UDT && was.Name == old.Name {
				want++
			}
			if is.Kind != was.Kind || is.Frozen != was.Frozen || len(is.FieldNames) != want {
				t.Errorf("%s with fields %q became %s with %q", was, was.FieldNames, is, is.FieldNames)
			}
			for i, e := range was.Elems {
				check(e, is.Elems[i])
			}
		}
		for name, was := range k.Types {
			check(was, next.Types[name])
		}
		for name, table := range k.Tables {
			for column, c := range table.Columns {
				check(c.Type, next.Tables[name].Columns[column].Type)
			}
		}
	})
}

// TestTypesInOrder: every type comes behind those it uses.
func TestTypesInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := drawKeyspace(t)
		seen := map[string]bool{}
		for _, typ := range k.TypesInOrder() {
			for _, other := range sortedKeys(k.Types) {
				if other != typ.Name && ReferencesType(typ, other) && !seen[other] {
					t.Errorf("%s comes before %s", typ.Name, other)
				}
			}
			seen[typ.Name] = true
		}
		if len(seen) != len(k.Types) {
			t.Errorf("%d of %d types", len(seen), len(k.Types))
		}
	})
}

// TestParseDouble compares with what Java's Double.parseDouble takes.
func TestParseDouble(t *testing.T) {
	for text, ok := range map[string]bool{
		"1": true, "1.5": true, ".5": true, "5.": true, "1e3": true, "-1E-3": true, "+1": true, " 1 ": true, "1f": true, "1D": true,
		"NaN": true, "Infinity": true, "-Infinity": true, "1e999": true,
		"": false, "x": false, "nan": false, "inf": false, "infinity": false, "0x1": false, "1_000": false, "1,5": false, "--1": false,
	} {
		if _, err := parseDouble(text); (err == nil) != ok {
			t.Errorf("parseDouble(%q): %v", text, err)
		}
	}
}

func FuzzTableOptions(f *testing.F) {
	for _, seed := range [][3]string{
		{"compaction", "class", "UnifiedCompactionStrategy"}, {"compression", "class", "LZ4Compressor"}, {"caching", "keys", "ALL"},
		{"speculative_retry", "", "MIN(99p,5ms)"}, {"bloom_filter_fp_chance", "", "NaN"}, {"gc_grace_seconds", "", "-1"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, name, key, value string) {
		property := cql.Property{Name: name, Text: value}
		if key != "" {
			property = cql.Property{Name: name, IsMap: true, Map: []cql.PropertyEntry{{Key: "class", Value: "UnifiedCompactionStrategy"}, {Key: key, Value: value}}}
		}
		p, err := NewProperties([]cql.Property{property})
		if err != nil {
			t.Fatal(err)
		}
		if ValidateTableOptions(p) != nil {
			return
		}
		// What is taken is kept as it is read back.
		first, err := NewOptions(p)
		if err != nil {
			t.Fatalf("validated, then %v", err)
		}
		if again, err := first.AlterOptions(Properties{}); err != nil || !again.Equal(&first) {
			t.Errorf("%v: %v became %v", err, first, again)
		}
	})
}

// TestParseTarget: what TargetText writes is read back.
func TestParseTarget(t *testing.T) {
	for _, column := range []string{"v", "Quoted", `a"b`, "keys(v)", "full"} {
		for target := TargetValue; target <= TargetFull; target++ {
			text := TargetText(target, column)
			if got, name := ParseTarget(text); got != target || name != column {
				t.Errorf("%s reads back as %v of %q", text, got, name)
			}
		}
	}
}
