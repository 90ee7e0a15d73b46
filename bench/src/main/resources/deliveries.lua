-- Signed GitHub deliveries for wrk: bodies and signatures from a file, a fresh delivery id for each request,
-- random as GitHub's are, so that the index that stops duplicates is written where it hurts.
local thread_count = 0
function setup(thread)
  thread:set("id", thread_count)
  thread_count = thread_count + 1
end

function init(args)
  deliveries = {}
  local file = assert(io.open(args[1], "rb"))
  while true do
    local head = file:read("*l")
    if not head then break end
    local length, signature = head:match("^(%d+) (%S+)$")
    local body = file:read(tonumber(length))
    file:read(1)
    deliveries[#deliveries + 1] = { body = body, signature = signature }
  end
  math.randomseed(os.time() * 1000 + #args[2] + args[2]:byte(1) + id)
  count = 0
end

function request()
  count = count + 1
  local delivery = deliveries[(count % #deliveries) + 1]
  return wrk.format("POST", "/webhook/github", {
    ["Content-Type"] = "application/json",
    ["X-GitHub-Event"] = "pull_request",
    ["X-GitHub-Delivery"] = string.format("%08x-%04x-4%03x-%04x-%06x%06x",
      math.random(0, 0x7fffffff), math.random(0, 0xffff), math.random(0, 0xfff), math.random(0x8000, 0xbfff),
      math.random(0, 0xffffff), math.random(0, 0xffffff)),
    ["X-Hub-Signature-256"] = delivery.signature
  }, delivery.body)
end

function done(summary, latency, requests)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, bad,
    latency:percentile(50), latency:percentile(99), latency.max))
end
