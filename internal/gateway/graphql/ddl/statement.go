package ddl

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
)

// statementOf makes the statement of a mutation.
func statementOf(r *exec.Run, f *exec.Field) (cql.Statement, error) {
	text := func(name string) string { return f.Arg(r, name).Str() }
	flag := func(name string) bool { return f.Arg(r, name).IsTrue() }
	table := cql.QualifiedName{Keyspace: text("keyspaceName"), Name: text("tableName")}
	switch f.Name {
	case "createKeyspace":
		return createKeyspace(r, f)
	case "dropKeyspace":
		return &cql.DropKeyspace{Name: text("name"), IfExists: flag("ifExists")}, nil
	case "createTable":
		return createTable(r, f, table)
	case "alterTableAdd":
		s := &cql.AlterTable{Table: table, Kind: cql.AlterAdd}
		var err error
		s.Add, err = columnsOf(f.Arg(r, "toAdd"))
		if err == nil && len(s.Add) == 0 {
			err = fmt.Errorf("toAdd must contain at least one element")
		}
		return s, err
	case "alterTableDrop":
		s := &cql.AlterTable{Table: table, Kind: cql.AlterDrop, Drop: f.Arg(r, "toDrop").Texts()}
		if len(s.Drop) == 0 {
			return nil, fmt.Errorf("toDrop must contain at least one element")
		}
		return s, nil
	case "dropTable":
		return &cql.DropTable{Table: table, IfExists: flag("ifExists")}, nil
	case "createType":
		return createType(r, f)
	case "dropType":
		return &cql.DropType{Type: cql.QualifiedName{Keyspace: table.Keyspace, Name: text("typeName")}, IfExists: flag("ifExists")}, nil
	case "createIndex":
		class := text("indexType")
		return &cql.CreateIndex{Name: cql.QualifiedName{Name: text("indexName")}, Table: table, IfNotExists: flag("ifNotExists"),
			Custom: class != "", Class: class, HasUsing: class != "",
			Targets: []cql.IndexTargetDef{{Kind: indexKinds[text("indexKind")], Column: text("columnName")}}}, nil
	case "dropIndex":
		return &cql.DropIndex{Index: cql.QualifiedName{Keyspace: table.Keyspace, Name: text("indexName")}, IfExists: flag("ifExists")}, nil
	}
	return nil, fmt.Errorf("there is no mutation %s", f.Name)
}

var indexKinds = map[string]cql.IndexTargetKind{
	"KEYS": cql.IndexKeys, "VALUES": cql.IndexValues, "ENTRIES": cql.IndexEntries, "FULL": cql.IndexFull,
}

func createKeyspace(r *exec.Run, f *exec.Field) (cql.Statement, error) {
	replicas, datacenters := f.Arg(r, "replicas"), f.Arg(r, "datacenters")
	replication := cql.Property{Name: "replication", IsMap: true}
	switch {
	case !replicas.Given() && !datacenters.Given():
		return nil, fmt.Errorf("You must specify either replicas or datacenters")
	case replicas.Given() && datacenters.Given():
		return nil, fmt.Errorf("You can't specify both replicas and datacenters")
	case replicas.Given():
		replication.Map = []cql.PropertyEntry{{Key: "class", Value: "SimpleStrategy"}, {Key: "replication_factor", Value: replicas.Str()}}
	default:
		replication.Map = []cql.PropertyEntry{{Key: "class", Value: "NetworkTopologyStrategy"}}
		_ = datacenters.Elements(func(_ int, dc exec.Input) error { // each never fails
			n := "3"
			if given := dc.Member("replicas"); given.Given() {
				n = given.Str()
			}
			replication.Map = append(replication.Map, cql.PropertyEntry{Key: dc.Member("name").Str(), Value: n})
			return nil
		})
		if len(replication.Map) == 1 {
			return nil, fmt.Errorf("datacenters must contain at least one element")
		}
	}
	return &cql.CreateKeyspace{Name: f.Arg(r, "name").Str(), IfNotExists: f.Arg(r, "ifNotExists").IsTrue(), Properties: []cql.Property{replication}}, nil
}

func createTable(r *exec.Run, f *exec.Field, name cql.QualifiedName) (cql.Statement, error) {
	s := &cql.CreateTable{Table: name, IfNotExists: f.Arg(r, "ifNotExists").IsTrue(), PrimaryKeys: 1}
	partition, err := columnsOf(f.Arg(r, "partitionKeys"))
	switch {
	case err != nil:
		return nil, err
	case len(partition) == 0:
		return nil, fmt.Errorf("partitionKeys must contain at least one element")
	}
	for _, c := range partition {
		s.PartitionKey = append(s.PartitionKey, c.Name)
	}
	s.Columns = partition
	keys := f.Arg(r, "clusteringKeys")
	clustering, err := columnsOf(keys)
	if err != nil {
		return nil, err
	}
	for _, c := range clustering {
		s.Clustering = append(s.Clustering, c.Name)
	}
	s.Columns = append(s.Columns, clustering...)
	if s.ClusteringOrder, err = ordersOf(keys); err != nil {
		return nil, err
	}
	values, err := columnsOf(f.Arg(r, "values"))
	s.Columns = append(s.Columns, values...)
	return s, err
}

// ordersOf reads the order of clustering columns: CLUSTERING ORDER BY names all of
// them or none.
func ordersOf(keys exec.Input) (orders []cql.ClusteringOrder, err error) {
	if !keys.Given() {
		return nil, nil
	}
	given := false
	err = keys.Elements(func(_ int, key exec.Input) error {
		if !key.Given() {
			return nil
		}
		order := strings.ToUpper(key.Member("order").Str())
		given = given || order != ""
		if order != "" && order != "ASC" && order != "DESC" {
			return fmt.Errorf("Unrecognized ordering value '%s'", order)
		}
		orders = append(orders, cql.ClusteringOrder{Column: key.Member("name").Str(), Desc: order == "DESC"})
		return nil
	})
	if !given {
		orders = nil
	}
	return orders, err
}

func createType(r *exec.Run, f *exec.Field) (cql.Statement, error) {
	fields, err := columnsOf(f.Arg(r, "fields"))
	switch {
	case err != nil:
		return nil, err
	case len(fields) == 0:
		return nil, fmt.Errorf("Must have at least one field")
	}
	s := &cql.CreateType{Type: cql.QualifiedName{Keyspace: f.Arg(r, "keyspaceName").Str(), Name: f.Arg(r, "typeName").Str()}, IfNotExists: f.Arg(r, "ifNotExists").IsTrue()}
	for _, c := range fields {
		s.Fields = append(s.Fields, cql.FieldDef{Name: c.Name, Type: c.Type})
	}
	return s, nil
}

// columnsOf reads a list of {name, type}.
func columnsOf(in exec.Input) (columns []cql.ColumnDef, err error) {
	if !in.Given() {
		return nil, nil
	}
	err = in.Elements(func(_ int, c exec.Input) error {
		if !c.Given() {
			return nil
		}
		t, err := typeOf(c.Member("type"))
		columns = append(columns, cql.ColumnDef{Name: c.Member("name").Str(), Type: t})
		return err
	})
	return columns, err
}

// typeOf reads {basic, info}. Tuples are always frozen.
func typeOf(in exec.Input) (t cql.TypeName, err error) {
	basic, info := in.Member("basic").Str(), in.Member("info")
	name := basic[:1] + strings.ToLower(basic[1:])
	var parts []cql.TypeName
	if subTypes := info.Member("subTypes"); subTypes.Given() {
		err = subTypes.Elements(func(_ int, e exec.Input) error {
			part, err := typeOf(e)
			parts = append(parts, part)
			return err
		})
		if err != nil {
			return t, err
		}
	}
	wanted := map[string]int{"LIST": 1, "SET": 1, "MAP": 2}[basic]
	switch basic {
	case "LIST", "SET", "MAP", "TUPLE":
		plural := ""
		if wanted != 1 {
			plural = "s"
		}
		switch {
		case !info.Given() || len(parts) == 0:
			return t, fmt.Errorf("%s type should contain an 'info' field specifying the sub type%s", name, plural)
		case wanted == 1 && len(parts) != 1:
			return t, fmt.Errorf("%s sub types should contain 1 item", name)
		case wanted > 1 && len(parts) != wanted:
			return t, fmt.Errorf("%s sub types should contain %s items", name, strconv.Itoa(wanted))
		}
		t = cql.TypeName{Name: strings.ToLower(basic), Args: parts}
	case "UDT":
		if info.Member("name").Str() == "" {
			return t, fmt.Errorf("UDT type should contain an 'info' field specifying the UDT name")
		}
		t = cql.TypeName{Name: info.Member("name").Str(), Quoted: true}
	case "CUSTOM":
		return t, fmt.Errorf("Data type %s is not supported", basic)
	default:
		return cql.TypeName{Name: strings.ToLower(basic)}, nil
	}
	if basic == "TUPLE" || info.Member("frozen").IsTrue() {
		t = cql.TypeName{Name: "frozen", Args: []cql.TypeName{t}}
	}
	return t, nil
}
