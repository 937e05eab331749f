package schema

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// EncodingVersion is the version of the stored form of keyspaces and tables.
// A store of a later version is refused.
const EncodingVersion = 1

// keyspaceDoc is the stored form of a keyspace without its tables.
type keyspaceDoc struct {
	Name          string
	Replication   map[string]string
	DurableWrites bool
	Types         []typeDoc `json:",omitempty"`
}

type typeDoc struct {
	Name   string
	Fields []fieldDoc
}

type fieldDoc struct{ Name, Type string }

// tableDoc is the stored form of a table. Types are CQL text.
type tableDoc struct {
	Name       string
	ID         uuid.UUID
	Storage    uint32
	NextColumn uint32
	Counter    bool     `json:",omitempty"`
	Compact    *Compact `json:",omitempty"`
	Columns    []columnDoc
	Indexes    []*Index     `json:",omitempty"`
	Dropped    []droppedDoc `json:",omitempty"`
	Options    Options
}

type columnDoc struct {
	Name     string
	Kind     ColumnKind
	Position int `json:",omitempty"`
	Type     string
	Desc     bool   `json:",omitempty"`
	Storage  uint32 `json:",omitempty"`
	Mask     *Mask  `json:",omitempty"`
}

type droppedDoc struct {
	Name        string
	Kind        ColumnKind
	Type        string
	DroppedTime int64
	Storage     uint32 `json:",omitempty"`
}

// EncodeKeyspace returns the stored form of k without its tables.
func EncodeKeyspace(k *Keyspace) ([]byte, error) {
	doc := keyspaceDoc{Name: k.Name, Replication: k.Replication, DurableWrites: k.DurableWrites}
	for _, t := range k.TypesInOrder() {
		td := typeDoc{Name: t.Name}
		for i, name := range t.FieldNames {
			td.Fields = append(td.Fields, fieldDoc{name, t.Elems[i].String()})
		}
		doc.Types = append(doc.Types, td)
	}
	return json.Marshal(doc)
}

// DecodeKeyspace reads what EncodeKeyspace wrote; the keyspace has no tables yet.
func DecodeKeyspace(data []byte) (*Keyspace, error) {
	var doc keyspaceDoc
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("stored keyspace: %w", err)
	}
	k := &Keyspace{
		Name: doc.Name, Replication: doc.Replication, DurableWrites: doc.DurableWrites,
		Tables: map[string]*Table{}, Types: map[string]*cqltype.Type{},
	}
	for _, td := range doc.Types { // each behind those it uses
		t := &cqltype.Type{Kind: cqltype.UDT, Keyspace: k.Name, Name: td.Name}
		for _, f := range td.Fields {
			ft, err := k.parseType(f.Type)
			if err != nil {
				return nil, fmt.Errorf("stored type %s.%s: %w", k.Name, td.Name, err)
			}
			t.FieldNames, t.Elems = append(t.FieldNames, f.Name), append(t.Elems, ft)
		}
		k.Types[t.Name] = t
	}
	return k, nil
}

// EncodeTable returns the stored form of t.
func EncodeTable(t *Table) ([]byte, error) {
	doc := tableDoc{
		Name: t.Name, ID: t.ID, Storage: t.Storage, NextColumn: t.NextColumn, Counter: t.Counter, Compact: t.Compact,
		Indexes: t.IndexesInOrder(), Options: t.Options,
	}
	for _, c := range t.InOrder() {
		doc.Columns = append(doc.Columns, columnDoc{c.Name, c.Kind, c.Position, c.Type.String(), c.Desc, c.Storage, c.Mask})
	}
	for _, d := range sorted(t.Dropped) {
		doc.Dropped = append(doc.Dropped, droppedDoc{d.Name, d.Kind, d.Type.String(), d.DroppedTime, d.Storage})
	}
	return json.Marshal(doc)
}

// DecodeTable reads what EncodeTable wrote of a table of k.
func DecodeTable(data []byte, k *Keyspace) (*Table, error) {
	var doc tableDoc
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("stored table of %s: %w", k.Name, err)
	}
	t := &Table{
		Keyspace: k.Name, Name: doc.Name, ID: doc.ID, Storage: doc.Storage, NextColumn: doc.NextColumn,
		Counter: doc.Counter, Compact: doc.Compact, Options: doc.Options,
		Indexes: make(map[string]*Index, len(doc.Indexes)), Dropped: make(map[string]*DroppedColumn, len(doc.Dropped)),
	}
	for _, ix := range doc.Indexes {
		t.Indexes[ix.Name] = ix
	}
	for _, d := range doc.Dropped {
		typ, err := k.parseType(d.Type)
		if err != nil {
			return nil, fmt.Errorf("stored table %s.%s, dropped column %s: %w", k.Name, t.Name, d.Name, err)
		}
		t.Dropped[d.Name] = &DroppedColumn{Name: d.Name, Kind: d.Kind, Type: typ, DroppedTime: d.DroppedTime, Storage: d.Storage}
	}
	columns := make([]*Column, len(doc.Columns))
	for i, c := range doc.Columns {
		typ, err := k.parseType(c.Type)
		if err != nil {
			return nil, fmt.Errorf("stored table %s.%s, column %s: %w", k.Name, t.Name, c.Name, err)
		}
		columns[i] = &Column{
			Keyspace: k.Name, Table: t.Name, Name: c.Name, Kind: c.Kind, Position: c.Position,
			Type: typ, Desc: c.Desc, Storage: c.Storage, Mask: c.Mask,
		}
	}
	return t.WithColumns(columns), nil
}

// parseType reads the canonical CQL of a type of k.
func (k *Keyspace) parseType(text string) (*cqltype.Type, error) {
	return cqltype.ParseString(text, func(keyspace, name string) *cqltype.Type {
		if keyspace != "" && keyspace != k.Name {
			return nil
		}
		return k.Types[name]
	})
}
