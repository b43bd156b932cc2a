"""Every limit in one place, with what it comes from. Their relations are asserted at the end: who changes one learns
at once which others it breaks.

`MAX_…` is what a caller is refused beyond; the others say how much is read or written at once.
"""

from datetime import timedelta

# --- DynamoDB's own ---

TRANSACTION_RECORDS = 100
ITEM_BYTES = 400_000
SORT_KEY_BYTES = 1_024
# Longer than a global index, or a reader that isn't strongly consistent, is ever behind.
INDEX_LAG = timedelta(seconds=15)
# Longer than a commit waits where DynamoDB throttles it.
COMMIT_WAIT = timedelta(seconds=20)
# An entry is named after the instant at which its commit was begun: since when one may tell what an index doesn't yet.
LATELY = INDEX_LAG + COMMIT_WAIT

# --- one transaction, one item ---

# The rest is for the ledgers' entries (two owners at most), the reply with a piece of it, a quota, and two counters.
STEP_RECORDS = 92
# The step's ledger entry tells every record before and after.
STEP_BYTES = 250_000
# Of a packed reply in one item; the rest of it goes into pieces.
REPLY_CHARACTERS = 300_000
# Keys issued in one transaction, with the order and its ledger entry.
KEYS_A_COMMIT = 90
# Each key's record has the ciphertext of all: with so many it stays below 1 KB, and costs one unit to write.
KEYS_SEALED_TOGETHER = 8
# Mails queued in the transaction that completes an order.
MAX_RECIPIENTS = 90
# Each association and each stretch that an undone one left takes some 500 bytes of the device, and of its ledger entry
# twice as much; moving a device moves its licences with it, in one step.
MAX_ASSOCIATIONS = 40
MAX_UNDONE = 100
DEVICE_FACT_BYTES = 500
# As text they take some 14 bytes each, and the ledger keeps them before and after.
MAX_SPANS = 8_000
SPAN_BYTES = 14

# --- digests ---

# After so long no ledger entry appears any more: its name is the moment at which its commit began, by a clock that may
# differ a little, and whose answer may have been lost more than once.
SETTLED = timedelta(minutes=2)
# Counts to the second kept in one record; beyond that each month has one.
DIGEST_ROWS = 500

# --- requests ---

# Of a body, in bytes.
MAX_BODY = 1_000_000
# Of all objects in a body together. A thousand pairs have two thousand; each one too many would be a fault to tell.
MAX_FIELDS = 10_000
# Told in one answer; nobody mends more at once.
MAX_FAULTS = 100
MAX_IDEMPOTENCY_KEY = 255
MAX_EMAIL_LENGTH = 254
# D3
MAX_QUANTITY = 100_000
MAX_LINES = 100
MAX_EMAILS = 50
# Keys in one claim.
MAX_KEYS = 25
MAX_LICENSE_IDS = 10_000
# Devices registered in one call; serials named in one; pairs associated in one; licences associated automatically.
MAX_DEVICES = 100
MAX_SERIALS = 1_000
MAX_PAIRS = 1_000
MAX_AUTOMATIC = 10_000

# --- planning ---

# Of a forecast: ten years.
MAX_MONTHS = 120
# How far ahead a renewal may look, and how many devices it may plan.
MAX_RENEWAL = timedelta(days=3_653)
MAX_PLANNED = 10_000
# In one item: some 150 bytes each.
PLANS_A_RECORD = 250
PLAN_BYTES = 600
# In one answer, where each device takes some 450 bytes.
PARTS_SHOWN = 20

# --- jobs ---

# Of one tenant, that have not finished.
MAX_JOBS = 20
# What a job may be asked for that a request may not.
MAX_JOB_AUTOMATIC = 100_000
# Of its body; as the text of an event it still is below the 6 MB that a function takes.
MAX_JOB_BODY = 4_500_000
MAX_JOB_FIELDS = 250_000
# Decided on at once, so that a job's memory does not grow with what it was asked for: some 5 KB for each.
JOB_ROUND = 2_500
# Of an answer that is shown with its job; longer ones are fetched by a link.
MAX_RESULT = 1_000_000

# --- people ---

# Of one person. They go with each of its requests, and the gateway takes 8 KB of that.
MAX_GRANTS = 100
# API tokens somebody has that still open.
MAX_TOKENS = 50
MAX_TOKEN_LIFE = timedelta(days=366)
# Unknown keys entered within an hour.
MAX_FAILED_LOOKUPS = 20

# --- reading ---

# Of a list in one answer, as JSON. Lambda takes 6 MB, and escapes each quote once more.
ANSWER_BYTES = 4_000_000
# So many of a list are read at once, and then weighed.
PORTION = 100

# Some two answers of DynamoDB, which holds a megabyte in each: fewer questions, and little read in vain.
CHUNK = 2_500
# Pages read for one answer when a filter leaves little of each; then the answer is short and has a cursor.
PAGES_AN_ANSWER = 20
# The same for licences, which are read in chunks of so many records where a filter leaves little.
READS_A_PAGE = 20
FILTERED_CHUNK = 1_000
# The least worth reading at once of the devices that an automatic association will serve.
DEVICES_READ = 25
# No ledger has an entry of a year before.
FIRST_YEAR = 2025
ORDERS_SWEPT = 100
# Of an MSP portal's keys, in its answer.
EXTENSIONS_TOLD = 1_000
# Of an MSP's in one answer.
OVERVIEWS_READ = 50
SCAN_PAGE = 1_000
# Findings of an owner that are carried to a second look.
SUSPECTS = 1_000
# Traces of keys looked up at once.
KEYS_TRACED = 1_000

# --- messages ---

# For how many seconds a mail waits while no mail is taken: so long at first, then twice as long each time; SQS delays a
# message by no more than a quarter of an hour.
FIRST_WAIT = 30
LONGEST_WAIT = 900

# --- work over everything ---

# The table is proven in so many segments, the oldest proof first, a few each day.
SEGMENTS = 56
SEGMENTS_A_DAY = 2
EVERY_OWNER_WITHIN = timedelta(days=30)
# In one message: a worker does them one after the other.
OWNERS_A_MESSAGE = 25
OWNERS_READ = 500

ENTRIES_AND_BOOKS = 2 + 2 + 1 + 2

assert timedelta(days=SEGMENTS / SEGMENTS_A_DAY) < EVERY_OWNER_WITHIN
assert COMMIT_WAIT < SETTLED
assert STEP_RECORDS + ENTRIES_AND_BOOKS < TRANSACTION_RECORDS
# The order, its ledger entry and what is kept beside it.
assert max(KEYS_A_COMMIT, MAX_RECIPIENTS) + 1 + ENTRIES_AND_BOOKS <= TRANSACTION_RECORDS
assert MAX_EMAILS <= MAX_RECIPIENTS
# A claim writes a key and a block for each key, and the pool of tokens; or a key and an extension, and the portal.
assert 2 * MAX_KEYS + 1 + ENTRIES_AND_BOOKS <= TRANSACTION_RECORDS
# A device that moves: itself, its serial number, what it left there, and each licence out of one org into the other.
assert 3 + 2 * MAX_ASSOCIATIONS <= STEP_RECORDS
# Revoking all of somebody's tokens with the person; the rest takes its memberships, in several goes if need be.
assert MAX_TOKENS + 3 < STEP_RECORDS
# What is kept in one item, and told before and after in the ledger's.
assert 2 * MAX_SPANS * SPAN_BYTES < ITEM_BYTES
assert 2 * (MAX_ASSOCIATIONS + MAX_UNDONE) * DEVICE_FACT_BYTES < ITEM_BYTES
assert STEP_BYTES < ITEM_BYTES
# An entry tells a step; and of a portion of them in memory there is no need to be afraid.
assert STEP_BYTES + ITEM_BYTES < ANSWER_BYTES
assert REPLY_CHARACTERS < ITEM_BYTES
# Ids and serials of the longest list fit the longest body: 31 and 45 characters with quotes and comma.
assert MAX_LICENSE_IDS * 31 < MAX_BODY
assert MAX_SERIALS * 45 < MAX_BODY
assert MAX_PLANNED * 45 < MAX_BODY
# All of a renewal comes in one transaction, with its number, its ledger entry and what is kept beside it.
assert MAX_PLANNED / PLANS_A_RECORD + 2 + ENTRIES_AND_BOOKS <= TRANSACTION_RECORDS
assert PLANS_A_RECORD * PLAN_BYTES < ITEM_BYTES
# Of the longest lists of objects: a pair has two fields, a device six.
assert max(2 * MAX_PAIRS, 6 * MAX_DEVICES) < MAX_FIELDS
