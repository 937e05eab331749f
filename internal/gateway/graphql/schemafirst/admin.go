package schemafirst

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
)

const adminSDL = `
enum MigrationStrategy { USE_EXISTING ADD_MISSING_TABLES ADD_MISSING_TABLES_AND_COLUMNS DROP_AND_RECREATE_ALL DROP_AND_RECREATE_IF_MISMATCH }
enum LogCategory { INFO WARNING }
"A file of a multipart request"
scalar Upload
type Location { line: Int column: Int }
type Log { message: String! category: LogCategory! locations: [Location] }
type Schema {
  keyspace: String!
  version: String
  "When it was deployed"
  deployDate: String
  contents: String
  "Where its text is, below the path of this API"
  contentsUri: String
}
type DeploySchemaResponse {
  "Null after a dry run"
  version: String
  logs(category: LogCategory): [Log]
  "What was changed in the tables, or would be"
  cqlChanges: [String]
  query: Query
}
type Query {
  "A deployed schema; the latest one if no version is given"
  schema(keyspace: String!, version: String): Schema
  "All versions that are kept"
  schemas(keyspace: String!): [Schema]
}
type Mutation {
  deploySchema(keyspace: String!, expectedVersion: String, migrationStrategy: MigrationStrategy! = ADD_MISSING_TABLES_AND_COLUMNS, force: Boolean! = false, dryRun: Boolean! = false, schema: String!): DeploySchemaResponse
  deploySchemaFile(keyspace: String!, expectedVersion: String, migrationStrategy: MigrationStrategy! = ADD_MISSING_TABLES_AND_COLUMNS, force: Boolean! = false, dryRun: Boolean! = false, schemaFile: Upload!): DeploySchemaResponse
  undeploySchema(keyspace: String!, expectedVersion: String!, force: Boolean! = false): Boolean
}
`

// admin deploys schemas. It implements exec.Resolver.
type admin struct {
	runner  *statement.Runner
	sources Sources
	changed func(keyspace string)
}

// NewAdmin returns the schema of deployments. changed is called when what is
// deployed for a keyspace has changed.
func NewAdmin(runner *statement.Runner, changed func(keyspace string)) *exec.Schema {
	return &exec.Schema{AST: exec.ParseAST("admin", adminSDL), Resolver: &admin{runner, Sources{runner.Backend}, changed}}
}

// Plan implements exec.Resolver: there is nothing to plan.
func (*admin) Plan(*exec.Field) error { return nil }

// ShowsField implements exec.Resolver.
func (*admin) ShowsField(exec.Session, bool, string) bool { return true }

// ShowsType implements exec.Resolver.
func (*admin) ShowsType(exec.Session, string) bool { return true }

// MayAsk implements exec.Resolver: the schema is everybody's.
func (*admin) MayAsk(exec.Session, bool, string) error { return nil }

// Resolve implements exec.Resolver.
func (a *admin) Resolve(r *exec.Run, f *exec.Field, dst []byte) ([]byte, error) {
	keyspace := f.Arg(r, "keyspace").Str()
	k := a.runner.Backend.Schema().Keyspaces[keyspace]
	if k == nil || !r.Session.Visible(keyspace, "") {
		return dst, fmt.Errorf("Keyspace '%s' does not exist.", keyspace)
	}
	switch f.Name {
	case "schema":
		return a.schema(r, f, keyspace, dst)
	case "schemas":
		all, err := a.sources.All(r.Context, keyspace)
		if err != nil {
			return dst, err
		}
		return r.List(dst, len(all), func(dst []byte, i int) ([]byte, error) { return writeSource(r, f, &all[i], dst) })
	}
	// Who deploys may change the tables of the keyspace.
	if err := r.Session.Authorize(&cql.CreateTable{Table: cql.QualifiedName{Keyspace: keyspace}}, ""); err != nil {
		return dst, err
	}
	if f.Name == "undeploySchema" {
		err := a.undeploy(r, f, keyspace)
		return append(dst, "true"...), err
	}
	return a.deploy(r, f, keyspace, dst)
}

func (a *admin) schema(r *exec.Run, f *exec.Field, keyspace string, dst []byte) ([]byte, error) {
	var found *Source
	var err error
	if version := f.Arg(r, "version"); version.Given() {
		id, bad := uuid.Parse(version.Str())
		if bad != nil {
			return dst, fmt.Errorf("Invalid 'version' value.")
		}
		found, err = a.sources.Version(r.Context, keyspace, id[:])
	} else {
		found, err = a.sources.Latest(r.Context, keyspace)
	}
	if err != nil || found == nil {
		return append(dst, "null"...), err
	}
	return writeSource(r, f, found, dst)
}

func writeSource(r *exec.Run, f *exec.Field, s *Source, dst []byte) ([]byte, error) {
	return r.Object(dst, f.Fields, "Schema", func(dst []byte, f *exec.Field) ([]byte, error) {
		switch f.Name {
		case "keyspace":
			return cell.AppendString(dst, s.Keyspace), nil
		case "version":
			return cell.AppendString(dst, s.Version.String()), nil
		case "deployDate":
			return cell.AppendString(dst, s.Deployed().Format("2006-01-02T15:04:05.999Z")+"[Etc/UTC]"), nil
		case "contents":
			return cell.AppendString(dst, s.Contents), nil
		}
		return cell.AppendString(dst, "../graphql-files/keyspace/"+s.Keyspace+".graphql?version="+s.Version.String()), nil
	})
}

// checkVersion refuses who does not know what is deployed, and, unless he insists,
// who comes while another deploys.
func (a *admin) checkVersion(ctx context.Context, keyspace string, expected exec.Input, force bool) (state, error) {
	var version []byte
	shown := "null"
	if expected.Given() {
		id, err := uuid.Parse(expected.Str())
		if err != nil {
			return state{}, fmt.Errorf("Invalid 'expectedVersion' value.")
		}
		version, shown = id[:], id.String()
	}
	st, err := a.sources.state(ctx, keyspace)
	switch {
	case err != nil:
		return st, err
	case st.latest == nil && version != nil:
		return st, fmt.Errorf("You specified expectedVersion but no previous version was found")
	case string(st.latest) != string(version):
		return st, fmt.Errorf("You specified expectedVersion %s, but there is a more recent version %s", shown, uuid.UUID(st.latest))
	case st.inProgress && !force:
		return st, errRace
	}
	return st, nil
}

func (a *admin) undeploy(r *exec.Run, f *exec.Field, keyspace string) error {
	st, err := a.checkVersion(r.Context, keyspace, f.Arg(r, "expectedVersion"), f.Arg(r, "force").IsTrue())
	if err != nil {
		return err
	}
	if err := a.sources.lock(r.Context, keyspace, st); err != nil {
		return err
	}
	err = a.sources.finish(context.WithoutCancel(r.Context), keyspace, nil)
	a.changed(keyspace)
	return err
}

// deployment is what a deployment answers.
type deployment struct {
	version string
	logs    []Log
	changes []string
}

func (a *admin) deploy(r *exec.Run, f *exec.Field, keyspace string, dst []byte) ([]byte, error) {
	text := f.Arg(r, "schema").Str()
	if f.Name == "deploySchemaFile" {
		text = f.Arg(r, "schemaFile").Str()
	}
	dryRun := f.Arg(r, "dryRun").IsTrue()
	st, err := a.checkVersion(r.Context, keyspace, f.Arg(r, "expectedVersion"), f.Arg(r, "force").IsTrue())
	if err != nil {
		return dst, err
	}
	d, steps, err := a.plan(keyspace, text, f.Arg(r, "migrationStrategy").Str())
	if err != nil {
		return dst, err
	}
	if !dryRun {
		if err := a.apply(r, keyspace, text, st, steps, d); err != nil {
			return dst, err
		}
	}
	return r.Object(dst, f.Fields, "DeploySchemaResponse", func(dst []byte, f *exec.Field) ([]byte, error) { return a.writeDeployment(r, f, d, dst) })
}

// plan maps a schema and finds what it changes.
func (a *admin) plan(keyspace, text, strategy string) (*deployment, []step, error) {
	model, invalid := Parse(keyspace, text)
	if invalid != nil {
		return nil, nil, &problems{"schemaErrors", "The schema that you provided is not valid GraphQL. See details in `extensions.schemaErrors` below.", invalid}
	}
	if len(model.Problems) > 0 {
		return nil, nil, &problems{"mappingErrors", "The GraphQL schema that you provided contains CQL mapping errors. See details in `extensions.mappingErrors` below.", model.Problems}
	}
	steps, wrong := model.migrate(a.runner.Backend.Schema().Keyspaces[keyspace], strategy)
	if len(wrong) > 0 {
		return nil, nil, &problems{"migrationErrors", fmt.Sprintf("The GraphQL schema that you provided can't be mapped to the current CQL data model. Consider using a different migration strategy (current: %s).", strategy), wrong}
	}
	d := &deployment{logs: model.Logs}
	for _, s := range steps {
		d.changes = append(d.changes, s.text)
	}
	if len(steps) == 0 {
		d.changes = []string{"No changes, the CQL schema is up to date"}
	}
	return d, steps, nil
}

// apply changes the tables and stores the schema. Each change is asked of access
// before any is made.
func (a *admin) apply(r *exec.Run, keyspace, text string, st state, steps []step, d *deployment) error {
	for _, s := range steps {
		if err := r.Session.Authorize(s.stmt, ""); err != nil {
			return err
		}
	}
	if err := a.sources.create(r.Context, a.runner.Backend.Schema().Keyspaces[keyspace].Replication); err != nil {
		return err
	}
	if err := a.sources.lock(r.Context, keyspace, st); err != nil {
		return err
	}
	err := a.migrate(r, steps)
	ctx := context.WithoutCancel(r.Context) // the lock must not stay because somebody hung up
	if err != nil {
		if unlocked := a.sources.unlock(ctx, keyspace); unlocked != nil {
			return fmt.Errorf("%w (and the deployment is still marked as in progress: %s)", err, unlocked)
		}
		return err
	}
	version, err := a.sources.store(ctx, keyspace, text)
	d.version = version.String()
	a.changed(keyspace)
	return err
}

func (a *admin) migrate(r *exec.Run, steps []step) error {
	for _, s := range steps {
		if err := a.runner.Define(r, s.stmt); err != nil {
			return err
		}
	}
	return nil
}

func (a *admin) writeDeployment(r *exec.Run, f *exec.Field, d *deployment, dst []byte) ([]byte, error) {
	switch f.Name {
	case "version":
		if d.version == "" {
			return append(dst, "null"...), nil
		}
		return cell.AppendString(dst, d.version), nil
	case "cqlChanges":
		return r.List(dst, len(d.changes), func(dst []byte, i int) ([]byte, error) { return cell.AppendString(dst, d.changes[i]), nil })
	case "query":
		return r.Object(dst, f.Fields, "Query", func(dst []byte, f *exec.Field) ([]byte, error) { return a.Resolve(r, f, dst) })
	}
	var logs []Log
	for _, l := range d.logs {
		if wanted := f.Arg(r, "category"); !wanted.Given() || wanted.Str() == l.Category {
			logs = append(logs, l)
		}
	}
	return r.List(dst, len(logs), func(dst []byte, i int) ([]byte, error) {
		return r.Object(dst, f.Fields, "Log", func(dst []byte, f *exec.Field) ([]byte, error) {
			switch f.Name {
			case "message":
				return cell.AppendString(dst, logs[i].Message), nil
			case "category":
				return cell.AppendString(dst, logs[i].Category), nil
			}
			return r.List(dst, 1, func(dst []byte, _ int) ([]byte, error) {
				return r.Object(dst, f.Fields, "Location", func(dst []byte, f *exec.Field) ([]byte, error) {
					n := logs[i].Line
					if f.Name == "column" {
						n = logs[i].Column
					}
					return strconv.AppendInt(dst, int64(n), 10), nil
				})
			})
		})
	})
}

// problems is an error with what is wrong in "extensions".
type problems struct {
	member, message string
	list            []Problem
}

// Error returns the message.
func (p *problems) Error() string { return p.message }

// Extensions implements exec.Extended.
func (p *problems) Extensions() string {
	dst := append(cell.AppendString(nil, p.member), ":["...)
	for i, one := range p.list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = cell.AppendString(append(dst, `{"message":`...), strings.ToValidUTF8(one.Message, "\uFFFD"))
		dst = cell.AppendString(append(dst, `,"errorType":`...), one.Kind)
		dst = append(dst, `,"locations":[`...)
		if one.Line > 0 {
			dst = fmt.Appendf(dst, `{"line":%d,"column":%d,"sourceName":null}`, one.Line, one.Column)
		}
		dst = append(dst, `],"path":null,"extensions":null}`...)
	}
	return string(append(dst, "],"...))
}
