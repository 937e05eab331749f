//go:build cluster

package cluster

import (
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// driver is a running program on an unmodified driver, which writes for a while
// through whatever gateway it can reach. It prints "<name> driver: ready" when it is
// connected, and begins when it is told.
type driver struct {
	name    string
	process *exec.Cmd
	word    io.WriteCloser // to begin
	out     harness.Output
	ended   <-chan struct{}
	err     error
}

// startDrivers starts the programs of DataStax's drivers and waits until they are
// connected.
func (s *story) startDrivers(t *testing.T) []*driver {
	t.Helper()
	drivers := filepath.Join(harness.Root(), "test", "drivers")
	all := []*driver{
		{name: "python", process: exec.Command(pythonWithDriver(t), "failover.py")},
		{name: "node", process: nodeWithDriver(t, filepath.Join(drivers, "node"))},
		{name: "java", process: javaWithDriver(t, filepath.Join(drivers, "java"))},
	}
	var hosts []string
	var port string
	for _, g := range s.gateways {
		host, p, err := net.SplitHostPort(g.CQL)
		if err != nil {
			t.Fatal(err)
		}
		hosts, port = append(hosts, host), p
	}
	for _, d := range all {
		d.process.Env = append(os.Environ(), "CQL_HOSTS="+strings.Join(hosts, ","), "CQL_PORT="+port, "CQL_TOKEN="+s.token)
		d.process.Stdout, d.process.Stderr = &d.out, &d.out
		d.start(t)
	}
	for _, d := range all {
		d.await(t)
	}
	return all
}

func (d *driver) start(t *testing.T) {
	t.Helper()
	var err error
	if d.word, err = d.process.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if d.ended, err = harness.StartProcess(d.process, func(err error) { d.err = err }); err != nil {
		t.Fatal(err)
	}
}

// await waits until the program is connected.
func (d *driver) await(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !strings.Contains(d.out.String(), d.name+" driver: ready"); time.Sleep(100 * time.Millisecond) {
		select {
		case <-d.ended:
			t.Fatalf("the %s driver: %v\n%s", d.name, d.err, d.out.String())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("the %s driver does not connect\n%s", d.name, d.out.String())
		}
	}
}

// begin makes the program write.
func (d *driver) begin(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(d.word, "begin\n"); err != nil {
		t.Fatal(err)
	}
}

// nodeWithDriver is the Node program, whose packages it installs.
func nodeWithDriver(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	install := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return exec.Command("node", filepath.Join(dir, "failover.mjs"))
}

// javaWithDriver is the Java program, compiled.
func javaWithDriver(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	target := filepath.Join(harness.Root(), "test", ".cache", "java")
	list := filepath.Join(target, "classpath")
	build := exec.Command("mvn", "-q", "-B", "-DbuildDirectory="+target, "compile", "dependency:build-classpath", "-Dmdep.outputFile="+list)
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	jars, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command("java", "-cp", filepath.Join(target, "classes")+":"+strings.TrimSpace(string(jars)),
		"-Ddatastax-java-driver.basic.request.timeout=10 seconds", "drivers.Failover")
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
func (d *driver) check(t *testing.T) {
	t.Helper()
	select {
	case <-d.ended:
	case <-time.After(time.Minute):
		_ = d.process.Process.Kill()
		<-d.ended
	}
	if d.err != nil || !strings.Contains(d.out.String(), d.name+" driver: moved to the other gateway") {
		t.Errorf("the %s driver: %v\n%s", d.name, d.err, d.out.String())
	}
	t.Log(strings.TrimSpace(d.out.String()))
}
