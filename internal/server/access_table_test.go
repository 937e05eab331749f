package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go/ast"
	"go/parser"
	"go/token"

	"google.golang.org/grpc/codes"

	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// accessAnswer is an answer that is wanted: a status and a part of the text.
type accessAnswer struct {
	status int
	text   string
}

// accessEntry is one call of an operation. See testdata/access/README.md.
type accessEntry struct {
	operation     string
	method, path  string
	body, media   string
	headers       []string
	login         string
	needs, lists  []string
	before, after []string
	// status of success, and what the answer then has.
	status    int
	has       string
	public    bool
	takesCQL  bool
	kinds     []string // of the statements it takes, nil for all
	cql       string
	refusals  map[string]accessAnswer
	isCQLCode bool // statuses are CQL's error codes
	// mistake is the status of what is wrong with a statement.
	mistake int
}

func (e *accessEntry) what() string { return strings.TrimSpace(e.path + " " + e.cql) }

func (e *accessEntry) code(status int) string {
	if e.isCQLCode {
		return fmt.Sprintf("0x%04x", status)
	}
	return strconv.Itoa(status)
}

// accessBlock is a block of lines: a title and what is indented below it.
type accessBlock struct {
	title string
	lines [][2]string // word and rest
}

func readBlocks(t *testing.T, name string) []accessBlock {
	t.Helper()
	text, err := os.ReadFile("testdata/access/" + name + ".txt")
	if err != nil {
		t.Fatalf("a door has no table: %v (see testdata/access/README.md)", err)
	}
	var all []accessBlock
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || strings.HasPrefix(line, "#"):
		case line[0] != ' ':
			all = append(all, accessBlock{title: trimmed})
		case len(all) == 0:
			t.Fatalf("%s.txt: %q stands in no block", name, line)
		default:
			word, rest, _ := strings.Cut(trimmed, " ")
			last := &all[len(all)-1]
			last.lines = append(last.lines, [2]string{word, strings.TrimLeft(rest, " ")})
		}
	}
	return all
}

// readAccessTable reads the table of a door.
func readAccessTable(t *testing.T, name string) []*accessEntry {
	t.Helper()
	var header *accessEntry
	var all []*accessEntry
	for _, b := range readBlocks(t, name) {
		e := &accessEntry{operation: b.title, status: 200, mistake: 400, media: "application/json", refusals: map[string]accessAnswer{}}
		if name == "native" {
			e.status, e.isCQLCode = 0, true
		}
		if name == "grpc" {
			e.status, e.mistake = int(codes.OK), int(codes.InvalidArgument)
		}
		if b.title != "door" && header != nil {
			e.headers, e.login, e.refusals, e.needs = header.headers, header.login, maps.Clone(header.refusals), header.needs
		}
		if method, path, ok := strings.Cut(b.title, " "); ok && b.title != "door" {
			e.method, e.path = method, path
		}
		for _, line := range b.lines {
			if err := e.set(line[0], line[1]); err != nil {
				t.Fatalf("%s.txt: %s: %v", name, b.title, err)
			}
		}
		if b.title == "door" {
			header = e
		} else {
			all = append(all, e)
		}
	}
	return all
}

// readStatements reads statements.txt, and checks that each kind of statement is there.
func readStatements(t *testing.T) []*accessEntry {
	t.Helper()
	var all []*accessEntry
	kinds := statementKinds(t)
	for _, b := range readBlocks(t, "statements") {
		e := &accessEntry{operation: b.title, refusals: map[string]accessAnswer{}, isCQLCode: true}
		for _, line := range b.lines {
			if err := e.set(line[0], line[1]); err != nil {
				t.Fatalf("statements.txt: %s: %v", b.title, err)
			}
		}
		parsed, err := cql.Parse(e.cql)
		if err != nil {
			t.Fatalf("statements.txt: %s: %v", e.cql, err)
		}
		if kind := reflect.TypeOf(parsed.Statement).Elem().Name(); kind != b.title {
			t.Fatalf("statements.txt: %s is a %s, not a %s", e.cql, kind, b.title)
		}
		delete(kinds, b.title)
		all = append(all, e)
	}
	for kind := range kinds {
		t.Errorf("statement %s has no entry in testdata/access/statements.txt", kind)
	}
	return all
}

// statementKinds are the types of package cql that are statements, as its source tells them.
func statementKinds(t *testing.T) map[string]bool {
	t.Helper()
	names, err := filepath.Glob("../cql/*.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "statement" || f.Type.Params.NumFields() > 0 || f.Type.Results.NumFields() > 0 {
				continue
			}
			if star, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok && star.X.(*ast.Ident).IsExported() {
				kinds[star.X.(*ast.Ident).Name] = true
			}
		}
	}
	if len(kinds) < 10 {
		t.Fatalf("only %d kinds of statement were found", len(kinds))
	}
	return kinds
}

// set takes one line of an entry.
func (e *accessEntry) set(word, rest string) error {
	var err error
	switch word {
	case "call":
		e.path = rest
		if method, path, ok := strings.Cut(rest, " "); ok && !strings.HasPrefix(rest, "/") {
			e.method, e.path = method, path
		}
	case "body":
		e.body = rest
	case "type":
		e.media = rest
	case "header":
		e.headers = append(e.headers, rest)
	case "login":
		e.login = rest
	case "needs":
		e.needs = slices.Concat(e.needs, split(rest))
	case "lists":
		e.lists = strings.Fields(rest)
	case "before":
		e.before = append(e.before, rest)
	case "after":
		e.after = append(e.after, rest)
	case "status":
		e.status, err = strconv.Atoi(rest)
	case "has":
		e.has = rest
	case "public":
		e.public = true
	case "cql":
		e.cql = rest
	case "statements":
		e.takesCQL, e.kinds = true, strings.Fields(rest)
	case "unknown", "missing", "closed", "denied", "hidden", "refused":
		status, text, _ := strings.Cut(rest, " ")
		var n int64
		n, err = strconv.ParseInt(status, 0, 32)
		e.refusals[word] = accessAnswer{int(n), text}
	default:
		return fmt.Errorf("there is no %q", word)
	}
	return err
}

func split(list string) []string {
	var all []string
	for item := range strings.SplitSeq(list, ";") {
		all = append(all, strings.TrimSpace(item))
	}
	return all
}

// crossed returns the calls that an entry stands for: itself, or one for each
// statement.
func (e *accessEntry) crossed(statements []*accessEntry) []*accessEntry {
	if !e.takesCQL {
		return []*accessEntry{e}
	}
	var all []*accessEntry
	for _, s := range statements {
		if len(e.kinds) > 0 && !slices.Contains(e.kinds, s.operation) || !e.runs(s) {
			continue
		}
		one := *e
		one.cql, one.needs, one.lists, one.before, one.after, one.has = s.cql, slices.Concat(e.needs, s.needs), s.lists, s.before, s.after, s.has
		quoted, _ := json.Marshal(s.cql)
		one.path = strings.ReplaceAll(one.path, "{statement}", string(quoted))
		one.body = strings.ReplaceAll(strings.ReplaceAll(one.body, "{statement}", string(quoted)), "{cql}", s.cql)
		one.refusals = maps.Clone(e.refusals)
		for word, answer := range s.refusals {
			one.refusals[word] = e.inWords(word, answer)
		}
		if refused, ok := one.refusals["refused"]; ok {
			one.status = refused.status
		}
		all = append(all, &one)
	}
	return all
}

// runs reports whether the operation runs a statement at all.
func (e *accessEntry) runs(s *accessEntry) bool {
	return s.operation != "Use" || e.path != "/v2/cql" && e.mistake != int(codes.InvalidArgument) // which refuse it
}

// inWords is an answer of CQL as the door gives it.
func (e *accessEntry) inWords(word string, a accessAnswer) accessAnswer {
	if e.isCQLCode {
		return a
	}
	own, ok := e.refusals[word]
	if a.status != 0x2100 || !ok { // of the statement and not of access
		own = accessAnswer{e.mistake, "{denial}"}
	}
	return accessAnswer{own.status, strings.ReplaceAll(own.text, "{denial}", a.text)}
}
