// Package install brings what the tests use from elsewhere – npm's, pip's and
// Maven's packages – below test/.cache and into the folders of package.json
// files, once for all tests, which may ask at the same time from several
// processes. A download that fails is tried again.
package install

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// tryTimeout bounds one try of a download; a mirror that hangs is asked again.
const tryTimeout = 6 * time.Minute

// pauses are those between the tries.
var pauses = []time.Duration{2 * time.Second, 10 * time.Second, 30 * time.Second}

// patience makes npm and pip try again by themselves, request by request.
var patience = []string{
	"npm_config_fetch_retries=5", "npm_config_fetch_retry_mintimeout=2000", "npm_config_fetch_retry_maxtimeout=30000", "npm_config_fetch_timeout=60000",
	"PIP_RETRIES=5", "PIP_DEFAULT_TIMEOUT=60", "PIP_DISABLE_PIP_VERSION_CHECK=1", "PIP_NO_INPUT=1",
}

// run runs a program that downloads, in dir, again after a pause when it fails.
func run(ctx context.Context, dir, name string, args ...string) error {
	var failures []error
	for try := 0; ; try++ {
		out, err := once(ctx, dir, name, args...)
		if err == nil {
			return nil
		}
		failures = append(failures, fmt.Errorf("%s %s, try %d: %w\n%s", name, strings.Join(args, " "), try+1, err, out))
		if try == len(pauses) || errors.Is(err, exec.ErrNotFound) {
			return errors.Join(failures...)
		}
		select {
		case <-time.After(pauses[try]):
		case <-ctx.Done():
			return errors.Join(append(failures, ctx.Err())...)
		}
	}
}

// once runs the program with all that it starts in a group of processes, which
// ends with it.
func once(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Env = dir, append(os.Environ(), patience...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = 5 * time.Second
	out, err := c.CombinedOutput()
	if ctx.Err() != nil {
		err = fmt.Errorf("%w (%w)", ctx.Err(), err)
	}
	return out, err
}

// at is where what is named is below test/.cache.
func at(name string) string { return filepath.Join(harness.Root(), "test", ".cache", name) }

// locked calls f while no other process, and no other goroutine of this one, is
// in a call with the same name.
func locked(name string, f func() error) error {
	if err := os.MkdirAll(at("."), 0o755); err != nil {
		return err
	}
	lock, err := os.OpenFile(at(name+".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer lock.Close() // which unlocks
	for {
		if err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("locking %s: %w", lock.Name(), err)
	}
	return f()
}

// settled makes what is named up to date: it calls make when what is there was
// not made of these inputs, or is not there at all.
func settled(name string, inputs []byte, there string, make func() error) error {
	return locked(name, func() error {
		sum := sha256.Sum256(inputs)
		stamp, want := at(name+".installed"), hex.EncodeToString(sum[:])
		if got, err := os.ReadFile(stamp); err == nil && string(got) == want {
			if _, err := os.Stat(there); err == nil {
				return nil
			}
		}
		if err := os.RemoveAll(stamp); err != nil {
			return err
		}
		if err := make(); err != nil {
			return fmt.Errorf("installing %s: %w", name, err)
		}
		return os.WriteFile(stamp, []byte(want), 0o644)
	})
}
