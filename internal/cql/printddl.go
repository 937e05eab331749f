package cql

// schemaStatement writes a schema statement; false when stmt is none.
func (w *printer) schemaStatement(stmt Statement) bool {
	switch s := stmt.(type) {
	case *CreateKeyspace:
		w.create("KEYSPACE", s.IfNotExists)
		w.ident(s.Name)
		w.with(s.Properties)
	case *AlterKeyspace:
		w.change("ALTER KEYSPACE ", s.IfExists)
		w.ident(s.Name)
		w.with(s.Properties)
	case *DropKeyspace:
		w.change("DROP KEYSPACE ", s.IfExists)
		w.ident(s.Name)
	case *CreateTable:
		w.createTable(s)
	case *AlterTable:
		w.change("ALTER TABLE ", s.IfExists)
		w.table(s.Table)
		w.alterTable(s)
	case *DropTable:
		w.change("DROP TABLE ", s.IfExists)
		w.table(s.Table)
	case *CreateType:
		w.create("TYPE", s.IfNotExists)
		w.qualified(s.Type, quoteTypeName)
		w.str(" (")
		w.list(len(s.Fields), func(i int) { w.field(s.Fields[i]) })
		w.str(")")
	case *AlterType:
		w.alterType(s)
	case *DropType:
		w.change("DROP TYPE ", s.IfExists)
		w.qualified(s.Type, quoteTypeName)
	case *CreateIndex:
		w.createIndex(s)
	case *DropIndex:
		w.change("DROP INDEX ", s.IfExists)
		w.table(s.Index)
	default:
		return false
	}
	return true
}

func (w *printer) create(what string, ifNotExists bool) {
	w.str("CREATE ", what, " ")
	w.when(ifNotExists, "IF NOT EXISTS ")
}

func (w *printer) change(what string, ifExists bool) {
	w.str(what)
	w.when(ifExists, "IF EXISTS ")
}

// with writes a WITH clause, unless it is empty.
func (w *printer) with(properties []Property) {
	for i, p := range properties {
		if i == 0 {
			w.str(" WITH ")
		} else {
			w.str(" AND ")
		}
		w.str(QuoteIdentifier(p.Name), " = ")
		if p.IsMap {
			w.propertyMap(p.Map)
		} else {
			w.propertyText(p.Text)
		}
	}
}

// propertyText writes numbers and booleans bare and everything else quoted;
// Cassandra takes either for any property.
func (w *printer) propertyText(s string) {
	l := lexer{text: s}
	switch k, end := l.scan(0); {
	case l.err == nil && end == len(s) && (k == tokInteger || k == tokFloat || s == "true" || s == "false"):
		w.str(s)
	default:
		w.str(QuoteString(s))
	}
}

func (w *printer) propertyMap(entries []PropertyEntry) {
	w.str("{")
	w.list(len(entries), func(i int) {
		w.str(QuoteString(entries[i].Key), ": ", QuoteString(entries[i].Value))
	})
	w.str("}")
}

func (w *printer) createTable(s *CreateTable) {
	w.create("TABLE", s.IfNotExists)
	w.table(s.Table)
	w.str(" (")
	keys := s.PrimaryKeys
	w.list(len(s.Columns), func(i int) {
		w.columnDef(&s.Columns[i])
		if s.Columns[i].PrimaryKey {
			w.str(" PRIMARY KEY")
			keys--
		}
	})
	for ; keys > 0; keys-- {
		w.when(len(s.Columns) > 0, ", ")
		w.str("PRIMARY KEY ((")
		w.idents(s.PartitionKey)
		w.str(")")
		if keys == 1 && len(s.Clustering) > 0 {
			w.str(", ")
			w.idents(s.Clustering)
		}
		w.str(")")
	}
	w.str(")")
	lead := " WITH "
	if s.CompactStorage {
		w.str(lead, "COMPACT STORAGE")
		lead = " AND "
	}
	if len(s.ClusteringOrder) > 0 {
		w.str(lead, "CLUSTERING ORDER BY (")
		w.list(len(s.ClusteringOrder), func(i int) {
			w.ident(s.ClusteringOrder[i].Column)
			if s.ClusteringOrder[i].Desc {
				w.str(" DESC")
			} else {
				w.str(" ASC")
			}
		})
		w.str(")")
		lead = " AND "
	}
	if len(s.Properties) > 0 && lead == " AND " {
		w.str(lead)
		var rest printer
		rest.with(s.Properties)
		w.buf = append(w.buf, rest.buf[len(" WITH "):]...)
		return
	}
	w.with(s.Properties)
}

func (w *printer) columnDef(c *ColumnDef) {
	w.str(QuoteIdentifier(c.Name), " ")
	w.typeName(c.Type)
	w.when(c.Static, " STATIC")
	if c.Mask != nil {
		w.mask(c.Mask)
	}
}

func (w *printer) mask(m *FunctionCall) {
	w.str(" MASKED WITH ")
	if m.Keyspace == "system" && m.Name == "mask_default" && len(m.Args) == 0 {
		w.str("DEFAULT")
		return
	}
	w.expr(m)
}

func (w *printer) alterTable(s *AlterTable) {
	switch s.Kind {
	case AlterAdd:
		w.str(" ADD ")
		w.when(s.IfColumn, "IF NOT EXISTS ")
		w.str("(")
		w.list(len(s.Add), func(i int) { w.columnDef(&s.Add[i]) })
		w.str(")")
	case AlterDrop:
		w.change(" DROP ", s.IfColumn)
		w.str("(")
		w.idents(s.Drop)
		w.str(")")
		if s.DropTimestamp != nil {
			w.optional(" USING TIMESTAMP ", s.DropTimestamp)
		}
	case AlterRename:
		w.change(" RENAME ", s.IfColumn)
		w.renamings(s.Rename)
	case AlterWith:
		w.with(s.Properties)
	case AlterColumnType:
		w.str(" ALTER ", QuoteIdentifier(s.Column), " TYPE ")
		w.typeName(s.Type)
	case AlterDropCompact:
		w.str(" DROP COMPACT STORAGE")
	case AlterMask:
		w.change(" ALTER ", s.IfColumn)
		w.ident(s.Column)
		if s.Mask == nil {
			w.str(" DROP MASKED")
			return
		}
		w.mask(s.Mask)
	}
}

func (w *printer) renamings(list []Renaming) {
	for i, r := range list {
		w.when(i > 0, " AND ")
		w.str(QuoteIdentifier(r.From), " TO ", QuoteIdentifier(r.To))
	}
}

func (w *printer) field(f FieldDef) {
	w.str(QuoteIdentifier(f.Name), " ")
	w.typeName(f.Type)
}

func (w *printer) alterType(s *AlterType) {
	w.change("ALTER TYPE ", s.IfExists)
	w.qualified(s.Type, quoteTypeName)
	switch {
	case s.Alter != nil:
		w.str(" ALTER ", QuoteIdentifier(s.Alter.Name), " TYPE ")
		w.typeName(s.Alter.Type)
	case len(s.Add) > 0:
		w.str(" ADD ")
		w.when(s.IfField, "IF NOT EXISTS ")
		w.field(s.Add[0])
	default:
		w.change(" RENAME ", s.IfField)
		w.renamings(s.Rename)
	}
}

func (w *printer) createIndex(s *CreateIndex) {
	what := "INDEX"
	if s.Custom {
		what = "CUSTOM INDEX"
	}
	w.create(what, s.IfNotExists)
	if s.Name.Name != "" {
		w.str(QuoteIdentifier(s.Name.Name), " ")
	}
	w.str("ON ")
	w.table(s.Table)
	w.str(" (")
	w.list(len(s.Targets), func(i int) {
		t := s.Targets[i]
		if t.Kind == IndexSimple {
			w.ident(t.Column)
			return
		}
		w.str([...]string{IndexKeys: "keys", IndexValues: "values", IndexEntries: "entries", IndexFull: "full"}[t.Kind])
		w.str("(", QuoteIdentifier(t.Column), ")")
	})
	w.str(")")
	w.when(s.HasUsing, " USING "+QuoteString(s.Class))
	properties := s.Properties
	if s.Options != nil {
		properties = append(properties[:len(properties):len(properties)], Property{Name: "options", IsMap: true, Map: s.Options})
	}
	w.with(properties)
}
