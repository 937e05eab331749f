package main

import (
	"reflect"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// shorter returns forms of a case with something left out: a directive, or a
// part of the statement's syntax tree. Markers are first replaced by their
// values, where that can be.
func shorter(c *conformance.Case) []*conformance.Case {
	var forms []*conformance.Case
	for i, d := range c.Directives {
		if strings.HasPrefix(d, "@batch") {
			return append(forms, shorterBatch(c)...)
		}
		if !strings.HasPrefix(d, "@bind") {
			forms = append(forms, remade(c.Statement, slices.Delete(slices.Clone(c.Directives), i, i+1)))
		}
	}
	if c.HasBind {
		if text, ok := inlined(c); ok {
			forms = append(forms, remade(text, without(c.Directives, "@bind")))
		}
		return forms
	}
	for n := 0; ; n++ {
		parsed, err := cql.Parse(c.Statement)
		if err != nil {
			return forms
		}
		e := &editor{skip: n}
		e.edit(reflect.ValueOf(parsed.Statement).Elem())
		if !e.done {
			return forms
		}
		if text, ok := printed(parsed.Statement); ok && len(text) < len(c.Statement)+20 && text != c.Statement {
			forms = append(forms, remade(text, c.Directives))
		}
	}
}

// shorterBatch leaves out entries of a BATCH message, its timestamp, and parts of
// its entries.
func shorterBatch(c *conformance.Case) (forms []*conformance.Case) {
	lines := strings.Split(c.Statement, "\n")
	with := func(i int, line ...string) {
		text := strings.Join(slices.Concat(lines[:i], line, lines[i+1:]), "\n")
		forms = append(forms, remade(text, c.Directives))
	}
	if len(lines) == 1 {
		forms = append(forms, remade(lines[0], without(c.Directives, "@batch")))
	}
	for i, line := range lines {
		if len(lines) > 1 {
			with(i)
		}
		text, values, prepared := strings.Cut(line, " @bind")
		entry := remade(text, nil)
		if prepared {
			entry = remade(text, []string{"@bind" + values})
		}
		for _, short := range shorter(entry) {
			bind := ""
			if short.HasBind {
				bind = " @bind " + short.Bind
			}
			with(i, short.Statement+bind)
		}
	}
	return forms
}

// remade is a case of a statement and directives.
func remade(statement string, directives []string) *conformance.Case {
	c := &conformance.Case{Statement: statement, Lead: "\n"}
	for _, d := range directives {
		if err := c.Direct(d); err != nil {
			panic(err) // it was read before
		}
	}
	return c
}

func without(directives []string, word string) []string {
	return slices.DeleteFunc(slices.Clone(directives), func(d string) bool { return strings.HasPrefix(d, word) })
}

// inlined is the statement with the values of its markers in place.
func inlined(c *conformance.Case) (string, bool) {
	var b strings.Builder
	values, err := cql.Parse("INSERT INTO t (v) VALUES (" + c.Bind + ")")
	if err != nil {
		return c.Statement, c.Bind == ""
	}
	list := values.Statement.(*cql.Insert).Values
	parts := strings.Split(c.Statement, "?")
	if len(parts) != len(list)+1 {
		return "", false // a question mark within a string
	}
	for i, p := range parts {
		b.WriteString(p)
		if i < len(list) {
			b.WriteString(cql.ExprText(list[i]))
		}
	}
	return b.String(), true
}

// printed is a tree as text, unless leaving something out made it no statement.
func printed(s cql.Statement) (text string, ok bool) {
	defer func() { ok = recover() == nil && ok }()
	text = cql.Print(s)
	_, err := cql.Parse(text)
	return text, err == nil
}

// editor leaves out one thing of a syntax tree: the one behind skip others.
type editor struct {
	skip int
	done bool
}

// turn reports whether the next thing is the one.
func (e *editor) turn() bool {
	if e.done || e.skip > 0 {
		e.skip--
		return false
	}
	e.done = true
	return true
}

func (e *editor) edit(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			e.edit(v.Elem())
		}
	case reflect.Struct:
		e.structure(v)
	case reflect.Slice:
		for i := 0; i < v.Len() && !e.done; i++ {
			e.edit(v.Index(i))
		}
	}
}

// structure leaves out a member of a list, or an optional part, or something
// further down.
func (e *editor) structure(v reflect.Value) {
	if insert, ok := v.Addr().Interface().(*cql.Insert); ok {
		for i := range insert.Columns {
			if i < len(insert.Values) && e.turn() {
				insert.Columns = slices.Delete(insert.Columns, i, i+1)
				insert.Values = slices.Delete(insert.Values, i, i+1)
				return
			}
		}
	}
	for i := range v.NumField() {
		f := v.Field(i)
		switch f.Kind() {
		case reflect.Slice:
			for j := range f.Len() {
				if e.turn() {
					f.Set(reflect.AppendSlice(f.Slice3(0, j, j), f.Slice(j+1, f.Len())))
					return
				}
			}
		case reflect.Interface, reflect.Pointer, reflect.Bool:
			if !f.IsZero() && e.turn() {
				f.SetZero()
				return
			}
		case reflect.Struct:
			if f.NumField() > 0 && f.Type() == reflect.TypeFor[cql.Using]() && !f.IsZero() && e.turn() {
				f.SetZero()
				return
			}
		}
	}
	for i := range v.NumField() {
		if !e.done {
			e.edit(v.Field(i))
		}
	}
}
