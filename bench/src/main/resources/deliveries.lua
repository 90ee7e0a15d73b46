-- Signed GitHub deliveries for wrk: bodies and signatures from a file, a fresh delivery id for each request.
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
  run = args[2]
  count = 0
end

function request()
  count = count + 1
  local delivery = deliveries[(count % #deliveries) + 1]
  return wrk.format("POST", "/webhook/github", {
    ["Content-Type"] = "application/json",
    ["X-GitHub-Event"] = "pull_request",
    ["X-GitHub-Delivery"] = string.format("%s-%d-%08d-4b12-11e9-86fc", run, id, count),
    ["X-Hub-Signature-256"] = delivery.signature
  }, delivery.body)
end

function done(summary, latency, requests)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, bad,
    latency:percentile(50), latency:percentile(99), latency.max))
end
