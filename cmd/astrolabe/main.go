// Command astrolabe is the whole product in one binary: the database with its
// gateways, the demo app, a small CQL shell and the management of application
// tokens. It only reads flags, wires packages together and handles signals.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli is the command line. Every flag may also come from the environment
// (ASTROLABE_...) or from a YAML file whose keys are the flags' names; flags
// win over the environment, which wins over the file.
type cli struct {
	Config configFile `help:"YAML file of flags, as name: value." placeholder:"FILE" env:"ASTROLABE_CONFIG"`

	Serve   serveCommand   `cmd:"" help:"Run the database and its gateways."`
	Demo    demoCommand    `cmd:"" help:"Run serve, and the User Profile app on it."`
	Migrate migrateCommand `cmd:"" help:"Copy a data directory onto a Cassandra cluster."`
	Token   tokenCommand   `cmd:"" help:"Make, list and revoke application tokens."`
	Role    roleCommand    `cmd:"" help:"Make, list, show and delete roles."`
	User    userCommand    `cmd:"" help:"Make, list and delete users, who log in with a password."`
	Cql     cqlCommand     `cmd:"" help:"Run CQL statements, or a small interactive shell."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns the exit code: 0, 1 when the
// command failed (one line on stderr says why), 2 when the line is wrong.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	code := -1
	parser, err := kong.New(&c,
		kong.Name("astrolabe"),
		kong.Description("A Cassandra-compatible database as a service, in one binary."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(n int) { code = n }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(&streams{stdout, stderr}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "astrolabe:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if code >= 0 { // --help
		return code
	}
	if err != nil {
		fmt.Fprintln(stderr, "astrolabe:", err)
		return usageCode(err)
	}
	if err := command.Run(); err != nil {
		fmt.Fprintln(stderr, "astrolabe:", err)
		return 1
	}
	return 0
}

// usageCode is 1 for a file that can't be read or says nonsense, 2 for a
// command line that is wrong.
func usageCode(err error) int {
	var config *configError
	if errors.As(err, &config) {
		return 1
	}
	return 2
}

// streams are the outputs of a command.
type streams struct{ out, err io.Writer }
