package test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// A load is several clients that change users at random, each its own, and keep
// the history of what they were told. What a server holds later (after a crash,
// from a backup) is compared with the histories:
//
//   - Each client makes one call at a time, so its users must be as some prefix
//     of its history left them. That makes half a change visible: it is no prefix.
//   - Every acknowledged call must be in the prefix, and so only the last call of
//     a history, whose outcome may be unknown, can be in doubt.
//   - Calls of different clients have an order, too, when one was acknowledged
//     before the other began; see snapshot.
type load struct {
	clients []*client

	mu      sync.Mutex // guards the rest, and the changes of all clients
	news    *sync.Cond // something below has changed
	moment  int64      // counts begins and acknowledgements, so that they have an order
	acked   int        // acknowledged calls
	running int        // clients
	stopped bool       // clients begin no more calls
}

// newLoad makes clients with random calls that follow from the seed.
func newLoad(clients int, seed uint64) *load {
	l := &load{}
	l.news = sync.NewCond(&l.mu)
	for i := range clients {
		l.clients = append(l.clients, &client{
			load:    l,
			prefix:  fmt.Sprintf("c%d", i),
			random:  rand.New(rand.NewPCG(seed, uint64(i))),
			users:   users{},
			secrets: map[string]string{},
		})
	}
	return l
}

// begin sets the clients to work. Each goes on until end, or until the outcome of
// a call is unknown because the server is gone. A call that is refused fails t:
// clients ask for nothing that cannot be.
func (l *load) begin(t *testing.T, api *iam.Client) {
	t.Cleanup(l.end) // should t fail before it calls that
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running, l.stopped = len(l.clients), false
	for _, c := range l.clients {
		go func() {
			if err := c.work(t.Context(), api); err != nil {
				t.Errorf("client %s: %v", c.prefix, err)
			}
			l.mu.Lock()
			defer l.mu.Unlock()
			l.running--
			l.news.Broadcast()
		}()
	}
}

// await returns when n more calls have been acknowledged, or no client works any more.
func (l *load) await(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n += l.acked; l.acked < n && l.running > 0; {
		l.news.Wait()
	}
}

// end lets the clients finish the calls they are in, and waits for that.
func (l *load) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopped = true
	for l.running > 0 {
		l.news.Wait()
	}
}

// lengths is how many calls of each client have been acknowledged.
func (l *load) lengths() []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	var n []int
	for _, c := range l.clients {
		n = append(n, c.acknowledged())
	}
	return n
}

// settle decides, by what the server holds, whether the calls of unknown outcome
// have happened. It is an error if they half happened, or anything else did.
func (l *load) settle(ctx context.Context, api *iam.Client) error {
	return l.compare(ctx, api, func(c *client, seen users) error { return c.settle(seen) })
}

// snapshot checks that what the server holds is the state after one commit, and
// that it has the first atLeast[i] changes of client i.
func (l *load) snapshot(ctx context.Context, api *iam.Client, atLeast []int) error {
	var latest *change // the last one to begin among those that must be there
	var missing []*change
	err := l.compare(ctx, api, func(c *client, seen users) error {
		first, last, err := c.prefixes(seen, atLeast[slices.Index(l.clients, c)])
		if err != nil {
			return err
		}
		if first > 0 && (latest == nil || c.changes[first-1].begun > latest.begun) {
			latest = c.changes[first-1]
		}
		if last < len(c.changes) {
			missing = append(missing, c.changes[last])
		}
		return nil
	})
	for _, m := range missing {
		if latest != nil && m.acked < latest.begun {
			err = errors.Join(err, fmt.Errorf("%v is there, and %v, acknowledged before it began, is not", latest, m))
		}
	}
	return err
}

// compare reads every client's users from the server, both by their names and by
// their paths, and hands them to check.
func (l *load) compare(ctx context.Context, api *iam.Client, check func(*client, users) error) error {
	listed, err := listUsers(ctx, api, "/")
	if err != nil {
		return err
	}
	var problems error
	total := 0
	for _, c := range l.clients {
		seen, err := c.see(ctx, api)
		if err == nil {
			err = check(c, seen)
		}
		if err != nil {
			problems = errors.Join(problems, fmt.Errorf("client %s: %w", c.prefix, err))
		}
		total += len(seen)
	}
	if problems == nil && total != len(listed) {
		problems = fmt.Errorf("%d users are listed, and %d are there", len(listed), total)
	}
	return problems
}

// settledCalls is how many calls of unknown outcome turned out to have happened.
func (l *load) settledCalls() int {
	n := 0
	for _, c := range l.clients {
		n += c.settled
	}
	return n
}

// counts is how many users and access keys the clients have.
func (l *load) counts() (users, keys int) {
	for _, c := range l.clients {
		users += len(c.users)
		for _, u := range c.users {
			keys += len(u.Keys)
		}
	}
	return users, keys
}

// sign checks that the clients' keys can sign, or cannot, as they should.
func (l *load) sign(ctx context.Context, as func(key) *sts.Client) error {
	var problems error
	for _, c := range l.clients {
		problems = errors.Join(problems, c.sign(ctx, as))
	}
	return problems
}

// client is one writer. It is the only one to touch the users under its path.
type client struct {
	load   *load
	prefix string // of its users' names and paths
	random *rand.Rand
	serial int // makes the values of tags differ, so that each change shows

	changes []*change         // its history: all acknowledged, but perhaps the last
	settled int               // how many changes had an unknown outcome and turned out to have happened
	users   users             // what the history leaves
	secrets map[string]string // of all its keys, by their IDs, those deleted too
}

// namesPerClient is few, so that names are used again after a rename or deletion.
const namesPerClient = 5

// work makes calls until the load is stopped or the server is gone.
func (c *client) work(ctx context.Context, api *iam.Client) error {
	for c.mayGoOn() {
		ch := c.choose()
		c.begin(ch)
		err := ch.call(ctx, api)
		if refused, ok := errors.AsType[smithy.APIError](err); ok {
			return fmt.Errorf("%v was refused: %w", ch, refused)
		}
		if err != nil {
			return nil // it may have happened: settle finds out
		}
		if ch.requestID == "" {
			return fmt.Errorf("the reply to %v has no request ID", ch)
		}
		c.acknowledge(ch)
	}
	return nil
}

func (c *client) mayGoOn() bool {
	c.load.mu.Lock()
	defer c.load.mu.Unlock()
	return !c.load.stopped
}

func (c *client) begin(ch *change) {
	c.load.mu.Lock()
	defer c.load.mu.Unlock()
	c.load.moment++
	ch.begun = c.load.moment
	c.changes = append(c.changes, ch)
}

func (c *client) acknowledge(ch *change) {
	c.load.mu.Lock()
	defer c.load.mu.Unlock()
	c.load.moment++
	ch.acked = c.load.moment
	c.users.apply(ch)
	if ch.secret != "" {
		c.secrets[ch.keyID] = ch.secret
	}
	c.load.acked++
	c.load.news.Broadcast()
}

// acknowledged is how long the history is without a last call of unknown outcome.
func (c *client) acknowledged() int {
	n := len(c.changes)
	if n > 0 && c.changes[n-1].acked == 0 {
		n--
	}
	return n
}

// choose makes up a call that can only succeed.
func (c *client) choose() *change {
	for {
		name := c.name()
		u := c.users[strings.ToLower(name)]
		if u == nil {
			return &change{op: "CreateUser", user: name, path: c.path()}
		}
		if ch := c.chooseFor(u); ch != nil {
			return ch
		}
	}
}

// chooseFor makes up a call about a user, or nil when what it had in mind cannot be.
func (c *client) chooseFor(u *user) *change {
	switch n := c.random.IntN(8); {
	case n < 2:
		// The new name may be the old one in another case, with or without another path.
		to, path := c.name(), c.path()
		taken := c.users[strings.ToLower(to)]
		if (taken == nil || taken == u) && path+to != u.Path+u.Name {
			return &change{op: "UpdateUser", user: u.Name, newName: to, path: path}
		}
	case n < 3:
		c.serial++
		return &change{op: "TagUser", user: u.Name, tag: fmt.Sprint("tag", c.random.IntN(3)), value: fmt.Sprint(c.serial)}
	case n < 5 && len(u.Keys) < 2:
		return &change{op: "CreateAccessKey", user: u.Name}
	case n < 6 && len(u.Keys) > 0:
		id := c.anyKey(u)
		return &change{op: "UpdateAccessKey", user: u.Name, keyID: id, active: !u.Keys[id]}
	case n < 7 && len(u.Keys) > 0:
		return &change{op: "DeleteAccessKey", user: u.Name, keyID: c.anyKey(u)}
	case n == 7 && len(u.Keys) == 0:
		return &change{op: "DeleteUser", user: u.Name}
	}
	return nil
}

func (c *client) name() string {
	name := fmt.Sprintf("%s-user%d", c.prefix, c.random.IntN(namesPerClient))
	if c.random.IntN(4) == 0 {
		name = strings.ToUpper(name)
	}
	return name
}

func (c *client) path() string {
	return "/" + c.prefix + []string{"/", "/deeper/"}[c.random.IntN(2)]
}

func (c *client) anyKey(u *user) string {
	ids := slices.Sorted(maps.Keys(u.Keys)) // in an order that the seed repeats
	return ids[c.random.IntN(len(ids))]
}

// see reads the client's users from the server. Each must be found under its
// path and under its name, and under no other name.
func (c *client) see(ctx context.Context, api *iam.Client) (users, error) {
	listed, err := listUsers(ctx, api, "/"+c.prefix+"/")
	if err != nil {
		return nil, err
	}
	seen := users{}
	for i := range namesPerClient {
		u, err := seeUser(ctx, api, fmt.Sprintf("%s-user%d", c.prefix, i))
		if err != nil {
			return nil, err
		}
		if u == nil {
			continue
		}
		if listed[u.ID] != u.Path+u.Name {
			return nil, fmt.Errorf("user %s at %s%s is listed below the path as %q", u.ID, u.Path, u.Name, listed[u.ID])
		}
		delete(listed, u.ID)
		seen[strings.ToLower(u.Name)] = u
	}
	if len(listed) > 0 {
		return nil, fmt.Errorf("listed below the path, and under no name or twice: %v", listed)
	}
	return seen, nil
}

// settle makes seen the client's users, if a last call of unknown outcome is all
// that is between them.
func (c *client) settle(seen users) error {
	n := c.acknowledged()
	doubtful := c.changes[n:]
	c.changes = c.changes[:n]
	if reflect.DeepEqual(c.users, seen) {
		return nil
	}
	for _, ch := range doubtful {
		was := c.users.clone()
		ch.learn(was, seen)
		was.apply(ch)
		if reflect.DeepEqual(was, seen) {
			c.users = was
			c.changes = append(c.changes, ch)
			c.settled++
			c.load.moment++
			ch.acked = c.load.moment
			return nil
		}
	}
	return fmt.Errorf("got users\n%v\nwant\n%v\nor this after %v", seen, c.users, doubtful)
}

// prefixes finds which prefixes of the history, of at least n changes, leave the
// users that are seen: there may be several, the first and last of which it returns.
func (c *client) prefixes(seen users, n int) (first, last int, err error) {
	state := users{}
	first = -1
	for i := range len(c.changes) + 1 {
		if i >= n && reflect.DeepEqual(state, seen) {
			if first < 0 {
				first = i
			}
			last = i
		}
		if i < len(c.changes) {
			state.apply(c.changes[i])
		}
	}
	if first < 0 {
		return 0, 0, fmt.Errorf("no prefix of at least %d of the %d changes leaves these users:\n%v", n, len(c.changes), seen)
	}
	return first, last, nil
}

// sign tries every key that there is, and some that were deleted.
func (c *client) sign(ctx context.Context, as func(key) *sts.Client) error {
	deleted := maps.Clone(c.secrets)
	var problems error
	for _, u := range c.users {
		for id, active := range u.Keys {
			delete(deleted, id)
			secret, known := c.secrets[id]
			if !known {
				continue // the reply that had it was lost
			}
			who := "nobody"
			if active {
				who = u.ID
			}
			problems = errors.Join(problems, mustBe(ctx, as(key{ID: id, Secret: secret}), id, who))
		}
	}
	tried := 0
	for id, secret := range deleted {
		if tried++; tried > 3 {
			break
		}
		problems = errors.Join(problems, mustBe(ctx, as(key{ID: id, Secret: secret}), id, "nobody"))
	}
	return problems
}

// mustBe checks who a key's signature stands for: a user's ID, or nobody.
func mustBe(ctx context.Context, api *sts.Client, keyID, want string) error {
	got := "nobody"
	out, err := api.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	refused, ok := errors.AsType[smithy.APIError](err)
	switch {
	case err == nil:
		got = *out.UserId
	case !ok || refused.ErrorCode() != "InvalidClientTokenId":
		return fmt.Errorf("access key %s: %w", keyID, err)
	}
	if got != want {
		return fmt.Errorf("access key %s: signs as %s, want %s", keyID, got, want)
	}
	return nil
}

// change is one call that changes something: what is asked, and what came of it.
type change struct {
	op      string // UpdateUser, say
	user    string // its name
	newName string // for UpdateUser
	path    string // for CreateUser and UpdateUser
	tag     string // for TagUser, with its value
	value   string
	keyID   string // for UpdateAccessKey and DeleteAccessKey; the reply of CreateAccessKey
	active  bool   // for UpdateAccessKey

	userID    string // from the reply of CreateUser
	secret    string // from the reply of CreateAccessKey
	requestID string // from the reply of any

	begun, acked int64 // when, by the load's clock; acked is 0 while the outcome is unknown
}

func (ch *change) String() string {
	return fmt.Sprintf("%s(user %s to %s%s, %s=%s, key %s active %t)", ch.op, ch.user, ch.path, ch.newName, ch.tag, ch.value, ch.keyID, ch.active)
}

// call asks for the change, and takes down what the reply says.
func (ch *change) call(ctx context.Context, api *iam.Client) error {
	var meta middleware.Metadata
	var err error
	switch ch.op {
	case "CreateUser":
		var out *iam.CreateUserOutput
		if out, err = api.CreateUser(ctx, &iam.CreateUserInput{UserName: &ch.user, Path: &ch.path}); err == nil {
			ch.userID, meta = *out.User.UserId, out.ResultMetadata
		}
	case "UpdateUser":
		var out *iam.UpdateUserOutput
		if out, err = api.UpdateUser(ctx, &iam.UpdateUserInput{UserName: &ch.user, NewUserName: &ch.newName, NewPath: &ch.path}); err == nil {
			meta = out.ResultMetadata
		}
	case "TagUser":
		var out *iam.TagUserOutput
		if out, err = api.TagUser(ctx, &iam.TagUserInput{UserName: &ch.user, Tags: []types.Tag{{Key: &ch.tag, Value: &ch.value}}}); err == nil {
			meta = out.ResultMetadata
		}
	case "DeleteUser":
		var out *iam.DeleteUserOutput
		if out, err = api.DeleteUser(ctx, &iam.DeleteUserInput{UserName: &ch.user}); err == nil {
			meta = out.ResultMetadata
		}
	case "CreateAccessKey":
		var out *iam.CreateAccessKeyOutput
		if out, err = api.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &ch.user}); err == nil {
			ch.keyID, ch.secret, meta = *out.AccessKey.AccessKeyId, *out.AccessKey.SecretAccessKey, out.ResultMetadata
		}
	case "UpdateAccessKey":
		var out *iam.UpdateAccessKeyOutput
		if out, err = api.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: &ch.user, AccessKeyId: &ch.keyID, Status: status(ch.active)}); err == nil {
			meta = out.ResultMetadata
		}
	case "DeleteAccessKey":
		var out *iam.DeleteAccessKeyOutput
		if out, err = api.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: &ch.user, AccessKeyId: &ch.keyID}); err == nil {
			meta = out.ResultMetadata
		}
	}
	ch.requestID, _ = awsmiddleware.GetRequestIDMetadata(meta)
	return err
}

func status(active bool) types.StatusType {
	if active {
		return types.StatusTypeActive
	}
	return types.StatusTypeInactive
}

// learn takes what a lost reply would have said from what is there now and was
// not before.
func (ch *change) learn(was, now users) {
	u := now[strings.ToLower(ch.user)]
	if u == nil {
		return
	}
	switch ch.op {
	case "CreateUser":
		ch.userID = u.ID
	case "CreateAccessKey":
		for id := range u.Keys {
			if _, old := was[strings.ToLower(ch.user)].Keys[id]; !old {
				ch.keyID = id
			}
		}
	}
}

// users are those of one client by name, in lower case. It is the model that the
// server is compared with.
type users map[string]*user

type user struct {
	ID, Name, Path string
	Tags           map[string]string
	Keys           map[string]bool // whether it is Active, by access key ID
}

func (u *user) String() string {
	return fmt.Sprintf("%s%s (%s) tags %v, keys %v\n", u.Path, u.Name, u.ID, u.Tags, u.Keys)
}

// apply makes a change, which must be one that can be made.
func (us users) apply(ch *change) {
	name := strings.ToLower(ch.user)
	u := us[name]
	switch ch.op {
	case "CreateUser":
		us[name] = &user{ID: ch.userID, Name: ch.user, Path: ch.path, Tags: map[string]string{}, Keys: map[string]bool{}}
	case "UpdateUser":
		delete(us, name)
		u.Name, u.Path = ch.newName, ch.path
		us[strings.ToLower(u.Name)] = u
	case "TagUser":
		u.Tags[ch.tag] = ch.value
	case "DeleteUser":
		delete(us, name)
	case "CreateAccessKey":
		u.Keys[ch.keyID] = true
	case "UpdateAccessKey":
		u.Keys[ch.keyID] = ch.active
	case "DeleteAccessKey":
		delete(u.Keys, ch.keyID)
	}
}

func (us users) clone() users {
	c := users{}
	for name, u := range us {
		c[name] = &user{u.ID, u.Name, u.Path, maps.Clone(u.Tags), maps.Clone(u.Keys)}
	}
	return c
}

// seeUser reads all that the server shows of a user; nil if there is none.
func seeUser(ctx context.Context, api *iam.Client, name string) (*user, error) {
	got, err := api.GetUser(ctx, &iam.GetUserInput{UserName: &name})
	if _, absent := errors.AsType[*types.NoSuchEntityException](err); absent {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	u := &user{*got.User.UserId, *got.User.UserName, *got.User.Path, map[string]string{}, map[string]bool{}}
	for _, tag := range got.User.Tags {
		u.Tags[*tag.Key] = *tag.Value
	}
	keys, err := api.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &name})
	if err != nil {
		return nil, err
	}
	for _, k := range keys.AccessKeyMetadata {
		u.Keys[*k.AccessKeyId] = k.Status == types.StatusTypeActive
	}
	return u, nil
}

// listUsers reads the path and name of every user below a path, by ID.
func listUsers(ctx context.Context, api *iam.Client, path string) (map[string]string, error) {
	listed := map[string]string{}
	pages := iam.NewListUsersPaginator(api, &iam.ListUsersInput{PathPrefix: &path, MaxItems: aws.Int32(10)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, u := range page.Users {
			if was, twice := listed[*u.UserId]; twice {
				return nil, fmt.Errorf("user %s is listed twice: %s and %s%s", *u.UserId, was, *u.Path, *u.UserName)
			}
			listed[*u.UserId] = *u.Path + *u.UserName
		}
	}
	return listed, nil
}
