-- Floats and table fields: the sun and four planets.
local PI = math.pi
local MASS, YEAR = 4 * PI * PI, 365.24
local bodies = {
    {x = 0, y = 0, z = 0, vx = 0, vy = 0, vz = 0, mass = MASS},
    {x = 4.84143144246472090, y = -1.16032004402742839, z = -0.103622044471123109,
     vx = 0.00166007664274403694 * YEAR, vy = 0.00769901118419740425 * YEAR,
     vz = -0.0000690460016972063023 * YEAR, mass = 0.000954791938424326609 * MASS},
    {x = 8.34336671824457987, y = 4.12479856412430479, z = -0.403523417114321381,
     vx = -0.00276742510726411119 * YEAR, vy = 0.00499852801234917238 * YEAR,
     vz = 0.0000230417297573763929 * YEAR, mass = 0.000285885980666130812 * MASS},
    {x = 12.8943695621391310, y = -15.1111514016986312, z = -0.223307578892655734,
     vx = 0.00296460137564761618 * YEAR, vy = 0.00237847173959480950 * YEAR,
     vz = -0.0000296589568540237556 * YEAR, mass = 0.0000436624404335156298 * MASS},
    {x = 15.3796971148509165, y = -25.9193146099879641, z = 0.179258772950371181,
     vx = 0.00268067772490389322 * YEAR, vy = 0.00162824170038242295 * YEAR,
     vz = -0.0000951592254519715870 * YEAR, mass = 0.0000515138902046611451 * MASS},
}

local function advance(dt)
    for i = 1, #bodies do
        local a = bodies[i]
        local ax, ay, az, am = a.x, a.y, a.z, a.mass
        local vx, vy, vz = a.vx, a.vy, a.vz
        for j = i + 1, #bodies do
            local b = bodies[j]
            local dx, dy, dz = ax - b.x, ay - b.y, az - b.z
            local d2 = dx * dx + dy * dy + dz * dz
            local mag = dt / (d2 * math.sqrt(d2))
            local bm, amag = b.mass * mag, am * mag
            vx, vy, vz = vx - dx * bm, vy - dy * bm, vz - dz * bm
            b.vx, b.vy, b.vz = b.vx + dx * amag, b.vy + dy * amag, b.vz + dz * amag
        end
        a.vx, a.vy, a.vz = vx, vy, vz
        a.x, a.y, a.z = ax + dt * vx, ay + dt * vy, az + dt * vz
    end
end

for _ = 1, 250000 do advance(0.01) end
print(string.format("%.9f", bodies[1].x + bodies[2].y + bodies[3].z))
