package cql

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// TestSyntaxErrors holds the parser to what Cassandra answered to broken
// statements, to the letter.
func TestSyntaxErrors(t *testing.T) {
	files, err := filepath.Glob("testdata/syntax_errors*.cql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			cases := readCases(t, file)
			if len(cases) < 150 {
				t.Fatalf("only %d cases", len(cases))
			}
			for _, c := range cases {
				if got := parseAnswer(c.statement); got != c.answer {
					t.Errorf("line %d: %s\nCassandra: %s\n      got: %s", c.line, c.statement, c.answer, got)
				}
			}
		})
	}
}

type syntaxCase struct {
	line              int
	statement, answer string
}

// readCases reads a recording; its head tells the format.
func readCases(t testing.TB, file string) (cases []syntaxCase) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	line := 1
	for _, block := range strings.Split(string(data), "\n\n") {
		statement, answer, ok := strings.Cut(block, "\n----\n")
		if ok {
			statement = strings.ReplaceAll(strings.TrimPrefix(statement, "\n")+"\n", "\\r\n", "\r\n")
			cases = append(cases, syntaxCase{line, strings.TrimSuffix(statement, "\n"), strings.TrimSuffix(answer, "\n")})
		}
		line += strings.Count(block, "\n") + 2
	}
	return cases
}

// parseAnswer parses a statement and writes the outcome as the recordings do.
func parseAnswer(statement string) string {
	_, err := Parse(statement)
	if err == nil {
		return "OK"
	}
	var e *cqlerr.Error
	if !errors.As(err, &e) {
		return fmt.Sprintf("%T: %v", err, err)
	}
	escape := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`)
	return fmt.Sprintf("ERR 0x%04x %s", int32(e.Code), escape.Replace(e.Message))
}

// acceptedStatements reads testdata/accepted.cql.
func acceptedStatements(t testing.TB) (statements []string) {
	t.Helper()
	data, err := os.ReadFile("testdata/accepted.cql")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(data), "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			statements = append(statements, line)
		}
	}
	return statements
}

// TestAccepted: what Cassandra parses we parse, and it prints to the same tree.
func TestAccepted(t *testing.T) {
	statements := acceptedStatements(t)
	if len(statements) < 100 {
		t.Fatalf("only %d statements", len(statements))
	}
	for _, s := range statements {
		checkRoundTrip(t, s)
	}
}

// checkRoundTrip checks that text parses and prints to the same tree.
func checkRoundTrip(t *testing.T, text string) {
	t.Helper()
	parsed, err := Parse(text)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	printed := Print(parsed.Statement)
	again, err := Parse(printed)
	if err != nil {
		t.Errorf("%q printed as %q: %v", text, printed, err)
		return
	}
	if !reflect.DeepEqual(parsed, again) {
		t.Errorf("%q printed as %q, which is %q", text, printed, Print(again.Statement))
	}
}
