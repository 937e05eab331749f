package speccases

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// row is one case.
type row struct {
	name string
	held string
}

var quoted = regexp.MustCompile("`([^`]*)`")

// references are the tests that a row names.
func (r row) references() (all []string) {
	for _, m := range quoted.FindAllStringSubmatch(r.held, -1) {
		all = append(all, m[1])
	}
	return all
}

// TestCasesAreHeld: each row names tests, and they exist; one that does not says why.
func TestCasesAreHeld(t *testing.T) {
	places, rows := readTable(t)
	used := map[string]bool{}
	for _, r := range rows {
		refs := r.references()
		if reason, ok := strings.CutPrefix(r.held, "– "); ok && reason != "" && refs == nil {
			continue
		}
		if refs == nil {
			t.Errorf("%s: no test is named", r.name)
		}
		for _, ref := range refs {
			place, inside, err := split(places, ref)
			if err == nil {
				err = places[place].has(inside)
			}
			if err != nil {
				t.Errorf("%s: %s: %v", r.name, ref, err)
			}
			used[place] = true
		}
	}
	for name := range places {
		if !used[name] {
			t.Errorf("nothing is named of %s", name)
		}
	}
}

// TestNumbersAreWhole: the cases of each kind are numbered from 1 on, and the lists
// that the specifications number are whole.
func TestNumbersAreWhole(t *testing.T) {
	_, rows := readTable(t)
	next := map[string]int{}
	for _, r := range rows {
		at := strings.LastIndexByte(r.name, ' ')
		n, err := strconv.Atoi(r.name[at+1:])
		kind := r.name[:max(at, 0)]
		if err != nil || n != next[kind]+1 {
			t.Errorf("%s stands where %s %d should", r.name, kind, next[kind]+1)
		}
		next[kind]++
	}
	for kind, want := range map[string]int{"REST": 73, "Logins": 30, "Limit": 25} {
		if next[kind] < want {
			t.Errorf("%d cases of %s, want %d", next[kind], kind, want)
		}
	}
}

// TestNumberedHeadingsAreNamed: what a text file numbers is a case of the table.
func TestNumberedHeadingsAreNamed(t *testing.T) {
	places, rows := readTable(t)
	var named []string
	for _, r := range rows {
		named = append(named, r.references()...)
	}
	numbered := regexp.MustCompile(`^\d+\.`)
	for name, p := range places {
		for heading := range p.headings {
			if numbered.MatchString(heading) && !slices.Contains(named, name+": "+heading) {
				t.Errorf("%s: %s has no row", name, heading)
			}
		}
	}
}

// readTable reads docs/cases.md: the names of places, and the rows of its other
// tables.
func readTable(t *testing.T) (map[string]*place, []row) {
	t.Helper()
	text, err := os.ReadFile(root + "/docs/cases.md")
	if err != nil {
		t.Fatal(err)
	}
	places, rows := map[string]*place{}, []row{}
	for line := range strings.Lines(string(text)) {
		line, isRow := strings.CutPrefix(strings.TrimSpace(line), "| ")
		if !isRow {
			continue
		}
		name, rest, _ := strings.Cut(strings.TrimSuffix(line, " |"), " | ")
		expected, held, isCase := strings.Cut(rest, " | ")
		switch {
		case name == "name" || name == "case":
		case !isCase:
			name = strings.Trim(name, "`")
			if places[name], err = open(name, rest); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		case strings.TrimSpace(expected) == "":
			t.Errorf("%s: nothing is expected", name)
		default:
			rows = append(rows, row{name, held})
		}
	}
	if len(rows) == 0 {
		t.Fatal("no cases")
	}
	return places, rows
}

// split takes a reference apart: "place: heading" or "place.Test".
func split(places map[string]*place, ref string) (name, inside string, err error) {
	name, inside, ok := strings.Cut(ref, ": ")
	if !ok {
		name, inside, ok = strings.Cut(ref, ".")
	}
	if !ok || places[name] == nil {
		return name, "", fmt.Errorf("there is no place %q", name)
	}
	return name, inside, nil
}

// place is a text file, a recording or a Go package. What it has is there for it.
type place struct {
	// headings of a text file, and how many lines of cases each has.
	headings map[string]int
	// calls of a recording, "number name"; or, of one that is named for them, the
	// numbers of those that are answered otherwise.
	calls map[string]bool
	// tests of a package, and the texts in their file.
	tests map[string][]string
}

func open(name, path string) (*place, error) {
	full := filepath.Join(root, path)
	info, err := os.Stat(full)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return openPackage(full)
	case filepath.Ext(path) == ".jsonl":
		return openRecording(name, full)
	}
	return openText(full)
}

// has returns why there is no such test.
func (p *place) has(inside string) error {
	switch {
	case p.headings != nil:
		if n, ok := p.headings[inside]; !ok {
			return fmt.Errorf("there is no such heading")
		} else if n == 0 {
			return fmt.Errorf("there is nothing below it")
		}
		return nil
	case p.calls != nil:
		if !p.calls[inside] {
			return fmt.Errorf("there is no such call, or it is answered otherwise")
		}
		return nil
	}
	test, sub, hasSub := strings.Cut(inside, "/")
	texts, ok := p.tests[test]
	if !ok {
		return fmt.Errorf("there is no such test")
	}
	if hasSub && !slices.Contains(texts, sub) {
		return fmt.Errorf("it has no such subtest")
	}
	return nil
}

// openText reads a file of cases: a heading is the first of lines that begin with
// "# ". A file that no test of its package names is played by none.
func openText(path string) (*place, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	dir, file, ok := strings.Cut(path, "/testdata/")
	if !ok || !isPlayed(dir, file) {
		return nil, fmt.Errorf("no test plays it")
	}
	p := &place{headings: map[string]int{}}
	heading, within := "", false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		comment, isComment := strings.CutPrefix(line, "#")
		switch {
		case isComment && !within:
			heading = strings.TrimSpace(comment)
			p.headings[heading] += 0
			within = true
		case isComment:
		default:
			within = false
			if line != "" {
				p.headings[heading]++
			}
		}
	}
	return p, nil
}

// isPlayed reports whether a test of a package names a file of its testdata, or
// walks through all.
func isPlayed(dir, file string) bool {
	sources, _ := filepath.Glob(dir + "/*_test.go")
	stem := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	return slices.ContainsFunc(sources, func(source string) bool {
		text, err := os.ReadFile(source)
		return err == nil && (bytes.Contains(text, []byte(`"testdata/`+file+`"`)) || bytes.Contains(text, []byte(`"`+stem+`"`)) ||
			bytes.Contains(text, []byte(`Walk(t, "testdata"`)))
	})
}

// openRecording reads the calls of a recording that are answered as it has them, or,
// as "differs", the numbers of the others.
func openRecording(name, path string) (*place, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	recording := strings.TrimSuffix(filepath.Base(path), ".jsonl")
	if !isPlayed(filepath.Dir(filepath.Dir(filepath.Dir(path))), recording) {
		return nil, fmt.Errorf("no test plays it")
	}
	others, err := differences(filepath.Join(filepath.Dir(path), "differences.txt"), recording)
	if err != nil {
		return nil, err
	}
	if name == "differs" {
		return &place{calls: others}, nil
	}
	p := &place{calls: map[string]bool{}}
	for line := range strings.Lines(string(text)) {
		var call struct {
			N    int
			Name string
		}
		if err := json.Unmarshal([]byte(line), &call); err != nil {
			return nil, err
		}
		if n := strconv.Itoa(call.N); !others[n] {
			p.calls[n+" "+strings.TrimSpace(call.Name)] = true
		}
	}
	return p, nil
}

// differences are the numbers that differences.txt has of a recording.
func differences(path, recording string) (map[string]bool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	numbers, of := map[string]bool{}, ""
	for line := range strings.Lines(string(text)) {
		n, _, isCall := strings.Cut(line, " | ")
		if name, _, isReason := strings.Cut(line, ": "); !isCall && isReason && !strings.HasPrefix(line, "#") {
			of = name
		}
		if isCall && of == recording {
			numbers[n] = true
		}
	}
	return numbers, nil
}

// openPackage reads the tests of a package.
func openPackage(dir string) (*place, error) {
	sources, err := filepath.Glob(dir + "/*_test.go")
	if err != nil || len(sources) == 0 {
		return nil, fmt.Errorf("there are no tests: %v", err)
	}
	p := &place{tests: map[string][]string{}}
	for _, source := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				p.tests[f.Name.Name] = textsOf(f)
			}
		}
	}
	return p, nil
}

// textsOf are the texts in a function: names of subtests are among them.
func textsOf(f *ast.FuncDecl) (texts []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				texts = append(texts, text)
			}
		}
		return true
	})
	return texts
}

// TestWrongReferences: what is not there is found out.
func TestWrongReferences(t *testing.T) {
	places, _ := readTable(t)
	for _, ref := range []string{
		"nowhere: 1. all rows, with fields", "cases: 1. no rows", "cases: The cases of the API's specification (its section 7), call by call, in its",
		"rest.TestNothing", "rest.TestRefusals/nothing", "recorded: 400 type int in #2: 2147483648", "recorded: 1 another name", "differs: 1", "rest",
	} {
		place, inside, err := split(places, ref)
		if err == nil {
			err = places[place].has(inside)
		}
		if err == nil {
			t.Errorf("%s is taken for a test", ref)
		}
	}
}
