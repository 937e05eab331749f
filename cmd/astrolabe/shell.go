package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"github.com/peterh/liner"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// shell is a connection and the settings of a session.
type shell struct {
	ctx            context.Context
	out            io.Writer
	address        string
	user, password string
	tls            *tls.Config // nil: plain text
	timeout        time.Duration
	interactive    bool

	session     *gocql.Session
	keyspace    string
	consistency gocql.Consistency
	pageSize    int // 0: no paging
	expand      bool
	more        func() bool // asks whether to go on with the next page
}

// connect opens a session in keyspace and replaces the present one.
func (sh *shell) connect(keyspace string) error {
	cluster := gocql.NewCluster(sh.address)
	cluster.Keyspace = keyspace
	cluster.NumConns = 1
	cluster.Timeout, cluster.ConnectTimeout = sh.timeout, sh.timeout
	cluster.DisableInitialHostLookup = true
	cluster.Logger = gocql.NewLogger(gocql.LogLevelNone) // its errors come back to us
	if sh.tls != nil {
		cluster.SslOpts = &gocql.SslOptions{Config: sh.tls}
	}
	if sh.user != "" {
		cluster.Authenticator = gocql.PasswordAuthenticator{Username: sh.user, Password: sh.password}
	}
	session, err := cluster.CreateSession()
	if err != nil {
		return fmt.Errorf("connecting to %s: %w", sh.address, err)
	}
	if sh.session != nil {
		sh.session.Close()
	}
	sh.session, sh.keyspace = session, keyspace
	return nil
}

// run runs one statement or shell command.
func (sh *shell) run(text string) error {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), ";"))
	if text == "" {
		return nil
	}
	if done, err := sh.command(text); done {
		return err
	}
	parsed, err := cql.Parse(text)
	if err != nil {
		return err // the server would say the same
	}
	if use, ok := parsed.Statement.(*cql.Use); ok {
		return sh.use(use.Keyspace)
	}
	return sh.query(text)
}

// use changes the keyspace of the session. The driver wants it at connect.
func (sh *shell) use(keyspace string) error {
	var name string
	err := sh.session.Query(`SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?`, keyspace).ScanContext(sh.ctx, &name)
	if errors.Is(err, gocql.ErrNotFound) {
		return cqlerr.Invalidf("Keyspace '%s' does not exist", keyspace)
	}
	if err != nil {
		return err
	}
	return sh.connect(keyspace)
}

// command runs cqlsh's own commands: CONSISTENCY, EXPAND, PAGING, HELP.
func (sh *shell) command(text string) (done bool, err error) {
	words := strings.Fields(strings.ToUpper(text))
	argument := ""
	if len(words) == 2 {
		argument = words[1]
	}
	if len(words) > 2 {
		return false, nil
	}
	switch words[0] {
	case "CONSISTENCY":
		if argument != "" {
			if err := sh.consistency.UnmarshalText([]byte(argument)); err != nil {
				return true, fmt.Errorf("there is no consistency level %s", argument)
			}
		}
		fmt.Fprintf(sh.out, "Consistency level is %s.\n", sh.consistency)
	case "EXPAND":
		sh.expand = argument == "ON" || argument == "" && sh.expand
		fmt.Fprintf(sh.out, "Expanded output is %s.\n", onOff(sh.expand))
	case "PAGING":
		return true, sh.paging(argument)
	case "HELP", "?":
		fmt.Fprint(sh.out, help)
	default:
		return false, nil
	}
	return true, nil
}

func (sh *shell) paging(argument string) error {
	switch argument {
	case "", "ON":
		if argument == "ON" && sh.pageSize == 0 {
			sh.pageSize = 100
		}
	case "OFF":
		sh.pageSize = 0
	default:
		n, err := strconv.Atoi(argument)
		if err != nil || n <= 0 {
			return fmt.Errorf("PAGING takes ON, OFF or a number of rows")
		}
		sh.pageSize = n
	}
	fmt.Fprintf(sh.out, "Paging is %s, page size %d.\n", onOff(sh.pageSize > 0), sh.pageSize)
	return nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

const help = `Statements end with a semicolon. Commands of the shell:
  USE keyspace               DESCRIBE KEYSPACES | TABLES | TABLE t | KEYSPACE k | ...
  CONSISTENCY [level]        EXPAND [ON|OFF]       PAGING [ON|OFF|rows]
  HELP                       EXIT
`

// loop reads statements from the terminal until EXIT or the end of input.
func (sh *shell) loop() error {
	line := liner.NewLiner()
	defer line.Close()
	line.SetCtrlCAborts(true)
	line.SetMultiLineMode(true)
	history := historyPath()
	if f, err := os.Open(history); err == nil {
		_, _ = line.ReadHistory(f) // a damaged history is no reason to stop
		f.Close()
	}
	defer saveHistory(line, history)
	sh.more = func() bool {
		answer, err := line.Prompt("--MORE-- (Enter for more, q to stop) ")
		return err == nil && !strings.EqualFold(strings.TrimSpace(answer), "q")
	}
	fmt.Fprintf(sh.out, "Connected to %s. Type HELP for help.\n", sh.address)
	var pending string
	for sh.ctx.Err() == nil {
		input, err := line.Prompt(sh.prompt(pending))
		if errors.Is(err, liner.ErrPromptAborted) {
			pending = ""
			continue
		}
		if err != nil {
			return nil // the end of input
		}
		if pending = sh.feed(line, pending, input); pending == exit {
			return nil
		}
	}
	return nil
}

// exit is what feed returns to end the loop; no statement is it.
const exit = "\x00exit"

// feed adds one line to what is pending, runs what is complete, and returns
// what is left.
func (sh *shell) feed(line *liner.State, pending, input string) string {
	text := strings.TrimSpace(pending + input)
	switch strings.ToUpper(strings.TrimSuffix(text, ";")) {
	case "":
		return ""
	case "EXIT", "QUIT":
		return exit
	}
	first := strings.ToUpper(strings.TrimSuffix(strings.Fields(text)[0], ";"))
	shellCommand := first == "HELP" || first == "?" || first == "CONSISTENCY" || first == "EXPAND" || first == "PAGING"
	if !strings.HasSuffix(text, ";") && !shellCommand {
		return pending + input + "\n"
	}
	line.AppendHistory(strings.ReplaceAll(text, "\n", " "))
	if err := sh.script(text); err != nil {
		fmt.Fprintln(sh.out, err)
	}
	return ""
}

func (sh *shell) prompt(pending string) string {
	if pending != "" {
		return "   ... "
	}
	if sh.keyspace != "" {
		return "cql:" + sh.keyspace + "> "
	}
	return "cql> "
}

func historyPath() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "astrolabe", "cql_history")
}

// saveHistory keeps the history for this user only: statements may hold secrets.
func saveHistory(line *liner.State, path string) {
	if path == "" || os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	_, _ = line.WriteHistory(f)
}
