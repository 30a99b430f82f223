-- What wrk asks for, and what it tells. Arguments after `--`: none for the one path of the command line, else
--   keys PATTERN COUNT    one of COUNT pages at random, each time; a % in the pattern stands for its number
--   fresh PATTERN FIRST   a page that nobody asked for before, each time: FIRST, FIRST + 1, ...

function init(args)
  local kind, pattern, number = args[1], args[2], tonumber(args[3])
  if kind == nil then return end
  local before, after = wrk.format(nil, pattern):match("^(.-)%%(.*)$")
  if kind == "keys" then
    -- Made beforehand: the load must not take longer than the server.
    local made = {}
    for i = 1, number do made[i] = before .. i .. after end
    math.randomseed(1)
    request = function() return made[math.random(number)] end
  else
    local next_number = number - 1
    request = function()
      next_number = next_number + 1
      return before .. next_number .. after
    end
  end
end

-- wrk itself prints no p99.9.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'TOLD {"requests": %d, "seconds": %.6f, "bytes": %d, "errors": %d, "statuses": %d, '
      .. '"p50_ms": %.3f, "p90_ms": %.3f, "p99_ms": %.3f, "p999_ms": %.3f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status,
    latency:percentile(50) / 1000, latency:percentile(90) / 1000, latency:percentile(99) / 1000,
    latency:percentile(99.9) / 1000))
end
