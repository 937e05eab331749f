//go:build cluster

package cluster

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// pythonDriver is a running program on DataStax's Python driver, which writes
// for a while through whatever gateway it can reach.
type pythonDriver struct {
	process *exec.Cmd
	out     harness.Output
}

func (s *story) startPython(t *testing.T) *pythonDriver {
	t.Helper()
	var hosts []string
	var port string
	for _, g := range s.gateways {
		host, p, err := net.SplitHostPort(g.CQL)
		if err != nil {
			t.Fatal(err)
		}
		hosts, port = append(hosts, host), p
	}
	python := pythonWithDriver(t)
	d := &pythonDriver{process: exec.Command(python, "failover.py")}
	d.process.Env = append(os.Environ(), "CQL_HOSTS="+strings.Join(hosts, ","), "CQL_PORT="+port, "CQL_TOKEN="+s.token)
	d.process.Stdout, d.process.Stderr = &d.out, &d.out
	if err := d.process.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, time.Minute, "the Python driver's connections", func() bool { return strings.Contains(d.out.String(), "ready") })
	return d
}

// pythonWithDriver is a Python that has the packages of the driver tests.
func pythonWithDriver(t *testing.T) string {
	t.Helper()
	venv := filepath.Join(harness.Root(), "test", ".cache", "venv")
	python := filepath.Join(venv, "bin", "python")
	if _, err := os.Stat(python); err != nil {
		if out, err := exec.Command("python3", "-m", "venv", venv).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	requirements := filepath.Join(harness.Root(), "test", "drivers", "python", "requirements.txt")
	out, err := exec.Command(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return python
}

// check waits for the program's end and word.
func (d *pythonDriver) check(t *testing.T) {
	t.Helper()
	timer := time.AfterFunc(time.Minute, func() { _ = d.process.Process.Kill() })
	defer timer.Stop()
	err := d.process.Wait()
	if err != nil || !strings.Contains(d.out.String(), "python driver: moved to the other gateway") {
		t.Errorf("the Python driver: %v\n%s", err, d.out.String())
	}
	t.Log(strings.TrimSpace(d.out.String()))
}
