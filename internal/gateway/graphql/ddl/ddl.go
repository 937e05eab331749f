// Package ddl is the GraphQL schema of schemas: it tells of keyspaces, tables and
// user types, and changes them (spec: DDL).
package ddl

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// resolver implements exec.Resolver.
type resolver struct{ runner *statement.Runner }

// New returns the schema.
func New(runner *statement.Runner) *exec.Schema {
	return &exec.Schema{AST: exec.ParseAST("ddl", sdl), Resolver: resolver{runner}}
}

// Plan implements exec.Resolver: there is nothing to plan.
func (resolver) Plan(*exec.Field) error { return nil }

// ShowsField implements exec.Resolver.
func (resolver) ShowsField(exec.Session, bool, string) bool { return true }

// ShowsType implements exec.Resolver.
func (resolver) ShowsType(exec.Session, string) bool { return true }

// MayAsk implements exec.Resolver: the schema is everybody's.
func (resolver) MayAsk(exec.Session, bool, string) error { return nil }

// Resolve implements exec.Resolver.
func (d resolver) Resolve(r *exec.Run, f *exec.Field, dst []byte) ([]byte, error) {
	snapshot := d.runner.Backend.Schema()
	switch {
	case r.Mutation():
		stmt, err := statementOf(r, f)
		if err == nil {
			err = d.runner.Define(r, stmt)
		}
		if err != nil {
			return dst, err
		}
		return append(dst, "true"...), nil
	case f.Name == "keyspace":
		k := snapshot.Keyspaces[f.Arg(r, "name").Str()]
		if k == nil || !r.Session.Visible(k.Name, "") {
			return append(dst, "null"...), nil
		}
		return writeKeyspace(r, f, dst, k)
	}
	var keyspaces []*schema.Keyspace
	for _, name := range slices.Sorted(maps.Keys(snapshot.Keyspaces)) {
		if r.Session.Visible(name, "") {
			keyspaces = append(keyspaces, snapshot.Keyspaces[name])
		}
	}
	return r.List(dst, len(keyspaces), func(dst []byte, i int) ([]byte, error) { return writeKeyspace(r, f, dst, keyspaces[i]) })
}

func writeKeyspace(r *exec.Run, f *exec.Field, dst []byte, k *schema.Keyspace) ([]byte, error) {
	return r.Object(dst, f.Fields, "Keyspace", func(dst []byte, f *exec.Field) ([]byte, error) {
		switch f.Name {
		case "name":
			return cell.AppendString(dst, k.Name), nil
		case "dcs":
			return writeDatacenters(r, f, dst, k)
		case "table":
			t := k.Tables[f.Arg(r, "name").Str()]
			if t == nil || !r.Session.Visible(k.Name, t.Name) {
				return append(dst, "null"...), nil
			}
			return writeTable(r, f, dst, t)
		case "tables":
			var tables []*schema.Table
			for _, name := range slices.Sorted(maps.Keys(k.Tables)) {
				if r.Session.Visible(k.Name, name) {
					tables = append(tables, k.Tables[name])
				}
			}
			return r.List(dst, len(tables), func(dst []byte, i int) ([]byte, error) { return writeTable(r, f, dst, tables[i]) })
		case "type":
			t := k.Types[f.Arg(r, "name").Str()]
			if t == nil {
				return append(dst, "null"...), nil
			}
			return writeUserType(r, f, dst, t)
		default: // types
			names := slices.Sorted(maps.Keys(k.Types))
			return r.List(dst, len(names), func(dst []byte, i int) ([]byte, error) { return writeUserType(r, f, dst, k.Types[names[i]]) })
		}
	})
}

// writeDatacenters writes the replicas of NetworkTopologyStrategy; other
// strategies name no datacenters.
func writeDatacenters(r *exec.Run, f *exec.Field, dst []byte, k *schema.Keyspace) ([]byte, error) {
	if class := k.Replication["class"]; class[strings.LastIndexByte(class, '.')+1:] != "NetworkTopologyStrategy" {
		return append(dst, "[]"...), nil
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(k.Replication)) {
		if name != "class" {
			names = append(names, name)
		}
	}
	return r.List(dst, len(names), func(dst []byte, i int) ([]byte, error) {
		return r.Object(dst, f.Fields, "DataCenter", func(dst []byte, f *exec.Field) ([]byte, error) {
			if f.Name == "name" {
				return cell.AppendString(dst, names[i]), nil
			}
			// Transient replication has "3/1": three replicas, one of them transient.
			replicas, _, _ := strings.Cut(k.Replication[names[i]], "/")
			n, err := strconv.Atoi(replicas)
			return strconv.AppendInt(dst, int64(n), 10), err
		})
	})
}

var columnKinds = map[schema.ColumnKind]string{
	schema.PartitionKey: "PARTITION", schema.Clustering: "CLUSTERING", schema.Static: "STATIC", schema.Regular: "REGULAR",
}

// writeTable writes a table: its columns by part, regular ones before static
// ones.
func writeTable(r *exec.Run, f *exec.Field, dst []byte, t *schema.Table) ([]byte, error) {
	columns := slices.Concat(t.PartitionKey, t.Clustering, t.Regular, t.Static)
	return r.Object(dst, f.Fields, "Table", func(dst []byte, f *exec.Field) ([]byte, error) {
		if f.Name == "name" {
			return cell.AppendString(dst, t.Name), nil
		}
		return r.List(dst, len(columns), func(dst []byte, i int) ([]byte, error) {
			c := columns[i]
			return r.Object(dst, f.Fields, "Column", func(dst []byte, f *exec.Field) ([]byte, error) {
				switch f.Name {
				case "name":
					return cell.AppendString(dst, c.Name), nil
				case "kind":
					return cell.AppendString(dst, columnKinds[c.Kind]), nil
				}
				return writeType(r, f, dst, c.Type)
			})
		})
	})
}

func writeUserType(r *exec.Run, f *exec.Field, dst []byte, t *cqltype.Type) ([]byte, error) {
	return r.Object(dst, f.Fields, "Type", func(dst []byte, f *exec.Field) ([]byte, error) {
		if f.Name == "name" {
			return cell.AppendString(dst, t.Name), nil
		}
		return r.List(dst, len(t.Elems), func(dst []byte, i int) ([]byte, error) {
			return r.Object(dst, f.Fields, "Field", func(dst []byte, f *exec.Field) ([]byte, error) {
				if f.Name == "name" {
					return cell.AppendString(dst, t.FieldNames[i]), nil
				}
				return writeType(r, f, dst, t.Elems[i])
			})
		})
	})
}

// writeType writes a type; only those with parts have info.
func writeType(r *exec.Run, f *exec.Field, dst []byte, t *cqltype.Type) ([]byte, error) {
	return r.Object(dst, f.Fields, "DataType", func(dst []byte, f *exec.Field) ([]byte, error) {
		if f.Name == "basic" {
			return cell.AppendString(dst, basicName(t)), nil
		}
		if len(t.Elems) == 0 {
			return append(dst, "null"...), nil
		}
		return r.Object(dst, f.Fields, "DataTypeInfo", func(dst []byte, f *exec.Field) ([]byte, error) {
			switch {
			case f.Name == "name" && t.Kind == cqltype.UDT:
				return cell.AppendString(dst, t.Name), nil
			case f.Name == "frozen":
				return strconv.AppendBool(dst, t.Frozen || t.Kind == cqltype.Tuple), nil
			case f.Name == "subTypes" && t.Kind != cqltype.UDT:
				return r.List(dst, len(t.Elems), func(dst []byte, i int) ([]byte, error) { return writeType(r, f, dst, t.Elems[i]) })
			}
			return append(dst, "null"...), nil
		})
	})
}

// basicName is the BasicType of a type. There is none for vectors.
func basicName(t *cqltype.Type) string {
	if t.Kind == cqltype.Vector || t.Kind == cqltype.Empty {
		return "CUSTOM"
	}
	return strings.ToUpper(t.Kind.String())
}
