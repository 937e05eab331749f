package cql

func (g *treeGen) statement() Statement {
	choices := []func() Statement{g.selectStatement, g.insertStatement, g.updateStatement, g.deleteStatement,
		g.batchStatement, g.createTable, g.alterTable, g.createType, g.createIndex, g.createRole, g.grant, g.describe}
	return choices[g.oneOf(len(choices))]()
}

func (g *treeGen) relations() (list []Relation) {
	for range 1 + g.oneOf(3) {
		list = append(list, g.relation())
	}
	return list
}

func (g *treeGen) comparison() Operator { return []Operator{Eq, Neq, Lt, Lte, Gt, Gte}[g.oneOf(6)] }

// inValues draws the right side of IN with f for the elements of a list.
func (g *treeGen) inValues(f func() Expr) (value Expr, values []Expr) {
	switch g.oneOf(3) {
	case 0:
		return g.marker(), nil
	case 1:
		return nil, []Expr{}
	}
	return nil, g.exprs(f)
}

func (g *treeGen) relation() (r Relation) {
	tuple := func() Expr { return &TupleLiteral{Elems: g.exprs(g.term)} }
	r.Columns = []string{g.name()}
	switch g.oneOf(7) {
	case 0:
		r.Op = IsNotNull
	case 1:
		r.Op = In
		r.Value, r.Values = g.inValues(g.term)
	case 2:
		r.Op, r.Value = []Operator{Like, Contains, ContainsKey}[g.oneOf(3)], g.term()
	case 3:
		r.Element = g.term()
		r.Op, r.Value = g.comparison(), g.term()
	case 4:
		r.Kind, r.Columns = Token, g.names()
		r.Op, r.Value = g.comparison(), g.term()
	case 5:
		r.Kind, r.Columns = MultiColumn, g.names()
		if g.bool() {
			r.Op = In
			r.Value, r.Values = g.inValues(tuple)
			break
		}
		r.Op, r.Value = g.comparison(), tuple()
	default:
		r.Op, r.Value = g.comparison(), g.term()
	}
	return r
}

func (g *treeGen) intValue() Expr {
	if g.bool() {
		return g.marker()
	}
	return &Literal{IntegerLiteral, "10"}
}

func (g *treeGen) selectStatement() Statement {
	s := &Select{JSON: g.bool(), Distinct: g.bool()}
	for range g.oneOf(4) {
		sel := Selector{X: g.selector()}
		if g.bool() {
			sel.Alias = g.name()
		}
		s.Selectors = append(s.Selectors, sel)
	}
	s.Table = g.table()
	if g.bool() {
		s.Where = g.relations()
	}
	if g.oneOf(3) == 0 {
		s.GroupBy = g.exprs(g.selector)
	}
	for range g.oneOf(3) {
		o := Ordering{Column: g.name(), Desc: g.bool()}
		if g.oneOf(3) == 0 {
			o.ANN = g.term()
		}
		s.OrderBy = append(s.OrderBy, o)
	}
	if g.bool() {
		s.PerPartitionLimit = g.intValue()
	}
	if g.bool() {
		s.Limit = g.intValue()
	}
	s.AllowFiltering = g.bool()
	return s
}

func (g *treeGen) using() (u Using) {
	if g.bool() {
		u.Timestamp = g.intValue()
	}
	if g.bool() {
		u.TTL = g.intValue()
	}
	return u
}

func (g *treeGen) insertStatement() Statement {
	s := &Insert{Table: g.table()}
	if g.oneOf(3) == 0 {
		s.JSON = &Literal{StringLiteral, `{"a": 1}`}
		s.JSONUnset = g.bool()
	} else {
		s.Columns, s.Values = g.names(), g.exprs(g.term)
	}
	s.IfNotExists, s.Using = g.bool(), g.using()
	return s
}

func (g *treeGen) conditions() (exists bool, list []Condition) {
	if g.bool() {
		return true, nil
	}
	for range g.oneOf(3) {
		c := Condition{Column: g.name()}
		switch g.oneOf(4) {
		case 0:
			c.Element = g.term()
		case 1:
			c.Field = g.name()
		case 2:
			c.Op, c.Value = Contains, g.term()
			list = append(list, c)
			continue
		}
		if g.bool() {
			c.Op = In
			c.Value, c.Values = g.inValues(g.term)
		} else {
			c.Op, c.Value = g.comparison(), g.term()
		}
		list = append(list, c)
	}
	return false, list
}

func (g *treeGen) updateStatement() Statement {
	s := &Update{Table: g.table(), Using: g.using()}
	for i := range 1 + g.oneOf(3) {
		// One name each, for a column may be set in one way only.
		a := Assignment{Kind: AssignmentKind(g.oneOf(6)), Column: genNames[i*3+g.oneOf(3)]}
		switch a.Kind {
		case SetElement:
			a.Index = g.term()
		case SetField:
			a.Field = g.name()
		}
		a.Value = g.term()
		s.Assignments = append(s.Assignments, a)
	}
	s.Where = g.relations()
	s.IfExists, s.If = g.conditions()
	return s
}

func (g *treeGen) deleteStatement() Statement {
	s := &Delete{}
	for range g.oneOf(3) {
		d := Deletion{Column: g.name()}
		switch g.oneOf(3) {
		case 0:
			d.Index = g.term()
		case 1:
			d.Field = g.name()
		}
		s.Columns = append(s.Columns, d)
	}
	s.Table = g.table()
	if g.bool() {
		s.Using.Timestamp = g.intValue()
	}
	s.Where = g.relations()
	s.IfExists, s.If = g.conditions()
	return s
}

func (g *treeGen) batchStatement() Statement {
	b := &Batch{Kind: BatchKind(g.oneOf(3)), Using: g.using()}
	for range g.oneOf(4) {
		b.Statements = append(b.Statements, []func() Statement{g.insertStatement, g.updateStatement, g.deleteStatement}[g.oneOf(3)]())
	}
	return b
}

func (g *treeGen) columnDefs() (list []ColumnDef) {
	for range 1 + g.oneOf(3) {
		c := ColumnDef{Name: g.name(), Type: g.typeName(), Static: g.bool()}
		if g.oneOf(4) == 0 {
			c.Mask = []*FunctionCall{
				{Keyspace: "system", Name: "mask_default"},
				{Name: "mask_inner", Args: []Expr{g.literal(), g.literal()}},
			}[g.oneOf(2)]
		}
		list = append(list, c)
	}
	return list
}

func (g *treeGen) properties() []Property {
	all := []Property{
		{Name: "comment", Text: "it's a 'comment'"}, {Name: "gc_grace_seconds", Text: "864000"}, {Name: "cdc", Text: "true"},
		{Name: "crc_check_chance", Text: "0.5"}, {Name: "Odd", Text: "TRUE"}, {Name: "caching", IsMap: true, Map: []PropertyEntry{}},
		{Name: "compaction", IsMap: true, Map: []PropertyEntry{{"class", "X"}, {"b'", "-1"}}},
	}
	first := g.oneOf(len(all))
	return all[first : first+1+g.oneOf(len(all)-first)]
}

func (g *treeGen) createTable() Statement {
	s := &CreateTable{IfNotExists: g.bool(), Table: g.table(), Columns: g.columnDefs(), PrimaryKeys: 1}
	if g.bool() {
		s.Columns[0].PrimaryKey = true
		s.PartitionKey = []string{s.Columns[0].Name}
	} else {
		s.PartitionKey = g.names()
		if g.bool() {
			s.Clustering = g.names()
		}
	}
	s.CompactStorage = g.oneOf(4) == 0
	for range g.oneOf(3) {
		s.ClusteringOrder = append(s.ClusteringOrder, ClusteringOrder{Column: g.name(), Desc: g.bool()})
	}
	if g.bool() {
		s.Properties = g.properties()
	}
	return s
}

func (g *treeGen) renamings() (list []Renaming) {
	for range 1 + g.oneOf(2) {
		list = append(list, Renaming{From: g.name(), To: g.name()})
	}
	return list
}

func (g *treeGen) alterTable() Statement {
	s := &AlterTable{IfExists: g.bool(), Table: g.table(), Kind: AlterTableKind(g.oneOf(7))}
	switch s.Kind {
	case AlterAdd:
		s.Add, s.IfColumn = g.columnDefs(), g.bool()
	case AlterDrop:
		s.Drop, s.IfColumn = g.names(), g.bool()
		if g.bool() {
			s.DropTimestamp = &Literal{IntegerLiteral, "-5"}
		}
	case AlterRename:
		s.Rename, s.IfColumn = g.renamings(), g.bool()
	case AlterWith:
		s.Properties = g.properties()
	case AlterColumnType:
		s.Column, s.Type = g.name(), g.typeName()
	case AlterMask:
		s.Column, s.IfColumn = g.name(), g.bool()
		if g.bool() {
			s.Mask = &FunctionCall{Name: "mask_hash"}
		}
	}
	return s
}

func (g *treeGen) createType() Statement {
	s := &CreateType{IfNotExists: g.bool(), Type: g.table()}
	for range 1 + g.oneOf(3) {
		s.Fields = append(s.Fields, FieldDef{Name: g.name(), Type: g.typeName()})
	}
	return s
}

func (g *treeGen) createIndex() Statement {
	s := &CreateIndex{IfNotExists: g.bool(), Custom: g.bool(), Table: g.table()}
	if g.bool() {
		s.Name.Name = g.name()
	}
	for range g.oneOf(3) {
		s.Targets = append(s.Targets, IndexTargetDef{Kind: IndexTargetKind(g.oneOf(5)), Column: g.name()})
	}
	if g.bool() {
		s.Class, s.HasUsing = "StorageAttachedIndex", true
		s.Options = []PropertyEntry{{"case_sensitive", "false"}}
	}
	return s
}

func (g *treeGen) createRole() Statement {
	s := &CreateRole{Name: g.name(), IfNotExists: g.bool()}
	o := &s.Options
	password, yes := "pa'ss", g.bool()
	if g.bool() {
		o.Password = &password
	} else {
		o.HashedPassword = &password
	}
	if g.bool() {
		o.Superuser, o.Login = &yes, &yes
		o.AccessToDCs, o.AccessFromCIDR = []string{}, []string{"a", "b'"}
	}
	return s
}

func (g *treeGen) grant() Statement {
	resources := []Resource{
		{Kind: AllKeyspaces}, {Kind: AllTables, Keyspace: g.name()}, {Kind: KeyspaceResource, Keyspace: g.name()},
		{Kind: TableResource, Name: g.name()}, {Kind: AllRoles}, {Kind: RoleResource, Name: g.name()}, {Kind: AllFunctions},
		{Kind: KeyspaceFunctions, Keyspace: g.name()}, {Kind: AllMBeans}, {Kind: MBeanResource, Name: "a:b=c"},
		{Kind: FunctionResource, Keyspace: g.name(), Name: g.name(), Args: []TypeName{g.typeName()}},
	}
	if g.bool() {
		return &GrantRole{Revoke: g.bool(), Role: g.name(), From: g.name()}
	}
	return &Grant{Revoke: g.bool(), Permissions: []string{"ALL"}, Resource: resources[g.oneOf(len(resources))], Role: g.name()}
}

func (g *treeGen) describe() Statement {
	s := &Describe{Kind: DescribeKind(g.oneOf(int(DescribeGeneric) + 1)), Internals: g.bool()}
	switch s.Kind {
	case DescribeKeyspace:
		s.Name.Keyspace, s.Only = g.name(), g.bool()
	case DescribeTable, DescribeIndex, DescribeView, DescribeType, DescribeFunction, DescribeAggregate, DescribeGeneric:
		s.Name = g.table()
	}
	return s
}
