package cql

// properties is rule properties: property (AND property)*.
func (p *parser) properties() []Property {
	var list []Property
	p.property(&list)
	for p.accept(kAnd) {
		p.property(&list)
	}
	return list
}

// property is rule property; it adds one property to list.
func (p *parser) property(list *[]Property) {
	if !p.tok.is(classIdent) {
		p.noViable(1)
		return
	}
	if p.peek(2) != tokEq {
		p.noViable(2)
		return
	}
	value := p.peek(3)
	if value != tokLBrace && !value.is(classConstant|classIdent) || value.is(className) {
		p.noViable(3)
		return
	}
	p.peek(4)
	prop := Property{Name: p.ident()}
	p.expect(tokEq)
	if value == tokLBrace {
		prop.IsMap, prop.Map = true, p.propertyMap()
	} else {
		prop.Text = p.propertyValue()
	}
	for i := range *list {
		if (*list)[i].Name == prop.Name {
			p.refuse("Multiple definitions for property '%s'", prop.Name)
		}
	}
	*list = append(*list, prop)
}

// propertyValue is rule propertyValue: a constant, or an unreserved keyword as
// written (the name of a type in lower case).
func (p *parser) propertyValue() string {
	if p.tok.is(classConstant) {
		return p.constant().Text
	}
	s := p.text()
	if p.tok.is(classNative) {
		s = p.name()
	}
	p.advance()
	return s
}

// propertyMap is rule fullMapLiteral with Parser.g's convertPropertyMap: all
// keys and values must be constants.
func (p *parser) propertyMap() []PropertyEntry {
	p.expect(tokLBrace)
	entries := []PropertyEntry{}
	if p.tok.is(classTerm) {
		entries = p.propertyEntries()
	}
	p.expect(tokRBrace)
	return entries
}

func (p *parser) propertyEntries() (entries []PropertyEntry) {
	fault := ""
	for {
		key := p.term()
		p.expect(tokColon)
		value := p.term()
		entry, wrong := propertyEntry(key, value)
		for i := range entries {
			if wrong == "" && entries[i].Key == entry.Key {
				wrong = "Multiple definition for property " + entry.Key
			}
		}
		if fault == "" {
			fault = wrong
		}
		entries = append(entries, entry)
		if !p.accept(tokComma) {
			break
		}
	}
	if fault != "" && p.tok == tokRBrace {
		p.refuse("%s", fault)
	}
	return entries
}

// propertyEntry converts one entry, or says what is wrong with it.
func propertyEntry(key, value Expr) (e PropertyEntry, wrong string) {
	k, ok := key.(*Literal)
	if !ok || k.Kind == NullLiteral {
		return e, "Invalid property name: " + rawText(key) + noBindVariables(key)
	}
	v, ok := value.(*Literal)
	if !ok || v.Kind == NullLiteral {
		return e, "Invalid property value: " + rawText(value) + " for property: " + rawText(key) + noBindVariables(value)
	}
	return PropertyEntry{Key: k.Text, Value: v.Text}, ""
}

func noBindVariables(x Expr) string {
	if _, ok := x.(*BindMarker); ok {
		return " (bind variables are not supported in DDL queries)"
	}
	return ""
}

// rawText is an expression as Cassandra's error messages show it
// (Term.Raw.getText).
func rawText(x Expr) string {
	switch x := x.(type) {
	case *Literal:
		if x.Kind == NullLiteral {
			return "NULL"
		}
	case *BindMarker:
		return "?"
	}
	return ExprText(x)
}
