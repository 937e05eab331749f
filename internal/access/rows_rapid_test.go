package access_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// statements makes statements on the tables of shopTables, sensible or not.
type statements struct{ *rapid.T }

func (g statements) of(choices ...string) string { return rapid.SampledFrom(choices).Draw(g.T, "part") }

func (g statements) some(choices ...string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(choices), 1, min(3, len(choices)), rapid.ID[string]).Draw(g.T, "parts")
}

// shopColumns are the columns of the tables that have rows of others; the key first.
var shopColumns = map[string]struct{ key, all []string }{
	"carts":  {[]string{"userid"}, []string{"userid", "items", "note"}},
	"parts":  {[]string{"userid", "region", "n"}, []string{"userid", "region", "n", "note", "about"}},
	"orders": {[]string{"shop", "userid", "n"}, []string{"shop", "userid", "n", "note", "about"}},
	"notes":  {[]string{"id"}, []string{"id", "userid", "note", "size"}},
	"tagged": {[]string{"id", "n"}, []string{"id", "n", "userid", "note", "about", "size"}},
	"boards": {[]string{"board", "n"}, []string{"board", "n", "userid", "note"}},
	"folded": {[]string{"id"}, []string{"id", "userid", "note"}},
}

func (g statements) value(column string) string {
	switch column {
	case "userid":
		return g.of("'98ab'", "'98ab'", "'98ab'", "'other'", "'98AB'", "null")
	case "region":
		return g.of("'north'", "'south'")
	case "note", "about":
		return g.of("'mine'", "'theirs'", "'shared'")
	}
	return g.of("1", "2", "3", "5")
}

// written is a value for a write: the word theirs is for rows of others.
func (g statements) written(column string) string {
	return strings.ReplaceAll(g.value(column), "'theirs'", "'my own'")
}

func (g statements) relation(column string) string {
	switch g.of("=", "=", "=", "=", "in", "<", "token", "tuple") {
	case "in":
		return column + " IN (" + g.value(column) + ", " + g.value(column) + ")"
	case "<":
		return column + g.of(" > ", " <= ", " >= ", " != ") + g.value(column)
	case "token":
		return "token(" + column + ")" + g.of(" > ", " = ") + "token(" + g.value(column) + ")"
	case "tuple":
		return "(" + column + ", n) " + g.of("=", ">") + " (" + g.value(column) + ", 1)"
	}
	return column + " = " + g.value(column)
}

// where is a clause, about the whole key more often than not.
func (g statements) where(table string) string {
	c := shopColumns[table]
	columns := slices.Clone(c.key)
	if g.of("key", "key", "some") == "some" {
		columns = g.some(c.all...)
	} else if g.of("", "more") != "" {
		columns = append(columns, g.some(c.all...)...)
	}
	var all []string
	for _, column := range columns {
		all = append(all, g.relation(column))
	}
	return " WHERE " + strings.Join(all, " AND ")
}

func (g statements) conditions(table string) string {
	switch g.of("", "", "exists", "if", "if", "if") {
	case "exists":
		return " IF EXISTS"
	case "if":
		var all []string
		for _, column := range g.some(slices.DeleteFunc(slices.Clone(shopColumns[table].all), func(c string) bool { return slices.Contains(shopColumns[table].key, c) })...) {
			all = append(all, column+g.of(" = ", " = ", " != ", " > ")+g.value(column))
		}
		return " IF " + strings.Join(all, " AND ")
	}
	return ""
}

func (g statements) selectors(table string) string {
	all := g.some(shopColumns[table].all...)
	for i, column := range all {
		switch g.of("", "", "", "", "alias", "max", "count") {
		case "alias":
			all[i] = column + " AS " + g.of("userid", "x")
		case "max":
			all[i] = "max(" + column + ")"
		case "count":
			all[i] = "count(" + column + ")"
		}
	}
	return g.of("", "", "", "DISTINCT ", "JSON ") + g.of("*", "*", "count(*)", strings.Join(all, ", "), strings.Join(all, ", "))
}

// statement is a SELECT or a modification.
func (g statements) statement() string {
	table := g.of("carts", "parts", "orders", "notes", "tagged", "boards", "folded")
	on, c := "shop."+table, shopColumns[table]
	switch g.of("select", "select", "select", "insert", "json", "update", "delete") {
	case "insert":
		columns := slices.Compact(slices.Sorted(slices.Values(append(g.some(c.all...), c.key...))))
		values := make([]string, len(columns))
		for i, column := range columns {
			values[i] = g.written(column)
		}
		return "INSERT INTO " + on + " (" + strings.Join(columns, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")" + g.of("", " IF NOT EXISTS")
	case "json":
		var members []string
		for _, column := range append(g.some(c.all...), c.key...) {
			members = append(members, `"`+column+`": `+strings.ReplaceAll(g.written(column), "'", `"`))
		}
		return "INSERT INTO " + on + " JSON '{" + strings.Join(members, ", ") + "}'" + g.of("", " DEFAULT UNSET") + g.of("", " IF NOT EXISTS")
	case "update":
		var set []string
		for _, column := range g.some(c.all...) {
			set = append(set, column+" = "+g.written(column))
		}
		return "UPDATE " + on + " SET " + strings.Join(set, ", ") + g.where(table) + g.conditions(table)
	case "delete":
		return "DELETE " + g.of("", "", strings.Join(g.some(c.all...), ", ")) + " FROM " + on + g.where(table) + g.conditions(table)
	}
	where := ""
	if g.of("where", "where", "where", "") != "" {
		where = g.where(table)
	}
	return "SELECT " + g.selectors(table) + " FROM " + on + where + g.of("", "", " GROUP BY "+c.key[0]) + g.of("", "", " ORDER BY n DESC") +
		g.of("", "", " LIMIT 1") + g.of("", " ALLOW FILTERING")
}

// TestRowsNeverInterfere: whatever a token that is kept to its rows asks, it is
// refused or answered as if there were no other rows; and these stay as they are.
func TestRowsNeverInterfere(t *testing.T) {
	x := newShopping(t, shopTables, "userid", "98ab")
	alone := slices.DeleteFunc(slices.Clone(shopTables), func(text string) bool { return strings.Contains(text, "theirs") })
	y := newShopping(t, alone, "userid", "98ab")
	before := x.theirs()
	answered := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		g := statements{rt}
		for range 20 {
			text := g.statement()
			batch := !strings.HasPrefix(text, "SELECT") && g.of("", "batch") != ""
			got, err := x.run(x.user, batch, text)
			if err != nil {
				continue
			}
			answered[text[:6]]++
			if after := x.theirs(); after != before {
				rt.Fatalf("%s\nrows of others were\n%s\nand are\n%s", text, before, after)
			}
			want, err := y.run(y.user, batch, text)
			if err != nil {
				rt.Fatalf("%s\nis answered only where others have rows: %v", text, err)
			}
			if !bytes.Equal(got.Data, want.Data) || strings.Contains(string(got.Data), "theirs") {
				rt.Fatalf("%s\nanswered %q\nand without the rows of others %q", text, got.Data, want.Data)
			}
		}
	})
	for _, kind := range []string{"SELECT", "INSERT", "UPDATE", "DELETE"} {
		if answered[kind] == 0 {
			t.Errorf("no %s was answered: %s", kind, fmt.Sprint(answered))
		}
	}
}
