// All installs what the tests use from elsewhere, ahead of them: `make test` has
// it done while it compiles, so that no test waits for a download. What fails
// here is tried again by the test that needs it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/astrolabe-db/astrolabe/test/install"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := install.All(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
